#include "engine/report/page.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/version.h"
#include "engine/report/bundle.h"
#include "engine/report/template.h"
#include "engine/report/texts.h"
#include "engine/types/report.h"

namespace mito::report {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Table::Column::Kind;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string file_of(const Figure& figure) { return figure.name + ".vl.json"; }

const char* class_of(Kind kind) {
  switch (kind) {
    case Kind::Text:
      return "";
    case Kind::Number:
      return " class=\"number\"";
    case Kind::Published:
      return " class=\"published\"";
  }
  return "";
}

std::string table_html(const Table& table) {
  std::string titles;
  for (const auto& column : table.columns)
    titles += fmt::format("<th{}>{}</th>", class_of(column.kind), escaped(column.title));
  std::string out = "<div class=\"scroll\"><table>\n";
  if (std::ranges::any_of(table.columns, [](const auto& c) { return !c.title.empty(); }))
    out += fmt::format("<thead><tr>{}</tr></thead>\n", titles);
  out += "<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      out += fmt::format("<td{}>{}</td>", class_of(table.columns[c].kind), escaped(row.at(c)));
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table></div>\n";
}

std::string figure_html(const Figure& figure) {
  const std::string place =
      draws_figures()
          ? fmt::format("The figure appears when scripts may run; its data are in {}.",
                        file_of(figure))
          : fmt::format(
                "This build of mitoloom draws no figures (MITO_REPORT_BUNDLE); this one is "
                "in {}, a Vega-Lite specification.",
                file_of(figure));
  return fmt::format(
      "<figure>\n<h3>{}</h3>\n<div class=\"plot\" data-figure=\"{}\">{}</div>\n"
      "<figcaption>{}</figcaption>\n</figure>\n",
      escaped(figure.title), escaped(figure.name), escaped(place), escaped(figure.caption));
}

std::string paragraphs_html(const std::vector<std::string>& paragraphs) {
  std::string out;
  for (const auto& text : paragraphs) out += fmt::format("<p>{}</p>\n", escaped(text));
  return out;
}

std::string section_html(const Section& section) {
  const char* open = section.folded ? "details" : "section";
  const char* title = section.folded ? "summary" : "h2";
  std::string out = fmt::format("<{0}>\n<{1}>{2}</{1}>\n", open, title, escaped(section.title));
  out += paragraphs_html(section.paragraphs);
  if (section.table) out += table_html(*section.table);
  for (const auto& figure : section.figures) out += figure_html(figure);
  return out + fmt::format("</{}>\n", open);
}

/// The specifications by name, and the script that draws them.
std::string script_html(const Page& page) {
  Json all = Json::object();
  for (const auto& section : page.sections)
    for (const auto& figure : section.figures) all[figure.name] = figure.spec;
  if (all.empty() || !draws_figures()) return "";
  return fmt::format(
      "<script type=\"application/json\" id=\"figures\">{}</script>\n<script>{}</script>\n",
      script_json(all), bundle());
}

}  // namespace

bool draws_figures() { return !bundle().empty(); }

std::string html(const Page& page) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n"
      "<p class=\"notice\">{2}</p>\n",
      escaped(page.title), style(), escaped(kNotAMedicalDevice));
  out += paragraphs_html(page.paragraphs);
  for (const auto& section : page.sections) out += section_html(section);
  out += fmt::format("<footer>mitoloom {}</footer>\n</main>\n", escaped(version()));
  return out + script_html(page) + "</body>\n</html>\n";
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
