#include "engine/report/page.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/version.h"
#include "engine/report/bundle.h"
#include "engine/types/report.h"

namespace mito::report {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Table::Column::Kind;

constexpr std::string_view kStyle = R"(
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #20262e; background: #f4f6f8; margin: 0; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2, main > details > summary { font-size: 1.2rem; font-weight: 600; margin: 0 0 .6rem; }
main > details > summary { cursor: pointer; margin: 0; }
main > details[open] > summary { margin-bottom: .6rem; }
h3 { font-size: 1rem; margin: 1rem 0 .4rem; }
section, main > details { background: #fff; border: 1px solid #dfe3e8; border-radius: 8px; margin: 1rem 0;
  padding: 1rem 1.2rem; }
p { margin: .4rem 0; max-width: 50rem; }
.notice { background: #fff7e0; border: 1px solid #e8cf86; border-radius: 8px; padding: .5rem 1.2rem;
  max-width: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid #e6e9ee; }
th { font-weight: 600; border-bottom-color: #8a93a0; vertical-align: bottom; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.published { text-align: right; color: #a4460f; font-style: italic; white-space: nowrap; }
figure { margin: 1rem 0 0; }
.plot { width: 100%; min-height: 2rem; }
.plot.vega-embed { padding-right: 0; }
figcaption { margin-top: .4rem; color: #55606e; font-size: .9rem; max-width: 50rem; }
footer { color: #55606e; font-size: .9rem; }
@media print { body { background: #fff; } section, main > details { border: 0; padding: 0; } }
)";

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

/// The specifications by name, and the script that draws them. "</script>" in a text would end the
/// script that holds it.
std::string script_html(const Page& page) {
  Json all = Json::object();
  for (const auto& section : page.sections)
    for (const auto& figure : section.figures) all[figure.name] = figure.spec;
  if (all.empty() || !draws_figures()) return "";
  std::string json = all.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (auto at = json.find('<'); at != std::string::npos; at = json.find('<', at))
    json.replace(at, 1, "\\u003c");
  return fmt::format(
      "<script type=\"application/json\" id=\"figures\">{}</script>\n<script>{}</script>\n", json,
      bundle());
}

}  // namespace

bool draws_figures() { return !bundle().empty(); }

std::string html(const Page& page) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n"
      "<p class=\"notice\">{2}</p>\n",
      escaped(page.title), kStyle, escaped(kNotAMedicalDevice));
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
