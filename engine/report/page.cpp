#include "engine/report/page.h"

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/version.h"
#include "engine/report/bundle.h"
#include "engine/report/template.h"
#include "engine/types/report.h"

namespace mito::report {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Table::Column::Kind;

std::string file_of(const Figure& figure) { return figure.name + ".vl.json"; }

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::Text:
      return "text";
    case Kind::Number:
      return "number";
    case Kind::Published:
      return "published";
  }
  return "text";
}

Json table_json(const Table& table) {
  Json columns = Json::array();
  for (const auto& column : table.columns)
    columns.push_back({{"title", column.title}, {"kind", name_of(column.kind)}});
  return {{"columns", std::move(columns)}, {"rows", table.rows}};
}

Json section_json(const Section& section) {
  Json figures = Json::array();
  for (const auto& figure : section.figures)
    figures.push_back(
        {{"name", figure.name}, {"title", figure.title}, {"caption", figure.caption}});
  Json galleries = Json::array();
  for (const auto& gallery : section.galleries) {
    Json pictures = Json::array();
    for (const auto& picture : gallery.pictures)
      pictures.push_back({{"uri", picture.uri},
                          {"caption", picture.caption},
                          {"mark", picture.mark},
                          {"place", picture.place}});
    galleries.push_back({{"title", gallery.title}, {"pictures", std::move(pictures)}});
  }
  return {{"title", section.title},
          {"folded", section.folded},
          {"paragraphs", section.paragraphs},
          {"table", section.table ? table_json(*section.table) : Json()},
          {"galleries", std::move(galleries)},
          {"figures", std::move(figures)}};
}

}  // namespace

bool draws_figures() { return !bundle().empty(); }

std::string html(const Page& page) {
  Json answer = Json::array();
  for (const auto& fact : page.answer)
    answer.push_back({{"what", fact.what}, {"value", fact.value}, {"more", fact.more}});
  Json sections = Json::array();
  Json figures = Json::object();
  for (const auto& section : page.sections) {
    sections.push_back(section_json(section));
    for (const auto& figure : section.figures) figures[figure.name] = figure.spec;
  }
  return filled(report_page(), {{"version", std::string(version())},
                                {"notice", kNotAMedicalDevice},
                                {"title", page.title},
                                {"answer", std::move(answer)},
                                {"paragraphs", page.paragraphs},
                                {"sections", std::move(sections)},
                                {"draws", draws_figures()},
                                {"figures", std::move(figures)}});
}

void write(const Page& page, const std::filesystem::path& folder, const std::string& file) {
  for (const auto& [name, bytes] : files(page, file)) write_file(folder / name, bytes);
}

OutputFiles files(const Page& page, const std::string& file) {
  OutputFiles out;
  for (const auto& section : page.sections)
    for (const auto& figure : section.figures)
      out.push_back({file_of(figure), json_text(figure.spec, 1)});
  out.push_back({file, html(page)});
  return out;
}

}  // namespace mito::report
