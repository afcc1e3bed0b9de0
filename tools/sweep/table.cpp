#include "tools/sweep/table.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"
#include "tools/sweep/measured_on.h"

namespace mito::sweep {
namespace {

using Kind = report::Table::Column::Kind;

Summary::Cell cell_of(const std::vector<double>& values) {
  Summary::Cell cell;
  cell.n = values.size();
  if (values.empty()) return cell;
  const auto n = static_cast<double>(values.size());
  for (const double v : values) cell.mean += v / n;
  double squares = 0;
  for (const double v : values) squares += (v - cell.mean) * (v - cell.mean);
  if (values.size() > 1) cell.sd = std::sqrt(squares / (n - 1));
  return cell;
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.4g}", *value) : "–";
}

/// Short enough for people; the CSV has all of it.
std::string digest_text(const std::string& digest) { return digest.substr(0, 12); }

std::vector<std::string> header_of(const Table& table) {
  std::vector<std::string> out{"variant", "seed", "state"};
  for (const auto* names : {&table.metrics, &table.params, &table.models})
    out.insert(out.end(), names->begin(), names->end());
  out.emplace_back("seconds");
  return out;
}

/// A row for people.
std::vector<std::string> cells_of(const Row& row) {
  std::vector<std::string> out{row.variant, row.seed,
                               row.problem.empty() ? row.state : row.state + ": " + row.problem};
  for (const auto& metric : row.metrics) out.push_back(number(metric));
  out.insert(out.end(), row.params.begin(), row.params.end());
  for (const auto& model : row.models) out.push_back(digest_text(model));
  out.push_back(row.seconds ? fmt::format("{:.1f}", *row.seconds) : "–");
  return out;
}

/// What `values` has for `key`; empty when it has nothing.
template <class Map>
auto found_in(const Map& values, const std::string& key)
    -> std::optional<typename Map::mapped_type> {
  const auto found = values.find(key);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

bool is_published(const Table& table, const std::string& metric) {
  return table.report.published.values.contains(metric);
}

std::string runs_text(const Table& table, const std::string& variant) {
  std::size_t all = 0;
  std::size_t done = 0;
  for (const auto& row : table.rows) {
    if (row.variant != variant) continue;
    ++all;
    done += row.state == "done" ? 1U : 0U;
  }
  return fmt::format("{} of {}", done, all);
}

std::vector<std::string> summary_cells(const Table& table, const Summary& summary) {
  const auto& labels = table.report.labels;
  const auto own =
      found_in(labels.texts, summary.variant).value_or(std::map<std::string, std::string>{});
  std::vector<std::string> out{summary.variant};
  for (const auto& column : labels.columns) out.push_back(found_in(own, column).value_or(""));
  for (std::size_t m = 0; m < table.metrics.size(); ++m) {
    if (is_published(table, table.metrics[m]))
      out.push_back(number(published(table, table.metrics[m], summary.variant)));
    out.push_back(text_of(summary.metrics[m]));
  }
  out.push_back(runs_text(table, summary.variant));
  return out;
}

std::vector<std::string> titles_of(const report::Table& table) {
  std::vector<std::string> out;
  for (const auto& column : table.columns) out.push_back(column.title);
  return out;
}

std::string markdown_line(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (std::string cell : cells) {
    std::ranges::replace(cell, '\n', ' ');
    for (std::size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2)
      cell.insert(at, 1, '\\');
    text += fmt::format(" {} |", cell);
  }
  return text + "\n";
}

std::string markdown_head(const std::vector<std::string>& cells) {
  std::string text = markdown_line(cells) + "|";
  for (std::size_t i = 0; i < cells.size(); ++i) text += "---|";
  return text + "\n";
}

std::string markdown_table(const report::Table& table) {
  std::string text = markdown_head(titles_of(table));
  for (const auto& row : table.rows) text += markdown_line(row);
  return text;
}

}  // namespace

std::vector<Summary> summarise(const Table& table) {
  std::vector<Summary> out;
  for (const auto& row : table.rows) {
    if (std::ranges::find(out, row.variant, &Summary::variant) != out.end()) continue;
    Summary summary{row.variant, {}};
    for (std::size_t m = 0; m < table.metrics.size(); ++m) {
      std::vector<double> values;
      for (const auto& other : table.rows) {
        if (other.variant == row.variant && other.metrics[m]) values.push_back(*other.metrics[m]);
      }
      summary.metrics.push_back(cell_of(values));
    }
    out.push_back(std::move(summary));
  }
  return out;
}

std::string text_of(const Summary::Cell& cell) {
  if (cell.n == 0) return "–";
  if (cell.n == 1) return fmt::format("{:.4g}", cell.mean);
  return fmt::format("{:.4g} ± {:.2g}", cell.mean, cell.sd);
}

std::string to_csv(const Table& table) {
  std::string text;
  const auto line = [&text](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      text += fmt::format("{}{}", i == 0 ? "" : ",", csv_field(cells[i]));
    text += "\n";
  };
  line(header_of(table));
  for (const auto& row : table.rows) {
    std::vector<std::string> cells{row.variant, row.seed, row.state};
    for (const auto& metric : row.metrics) cells.push_back(metric ? number_text(*metric) : "");
    cells.insert(cells.end(), row.params.begin(), row.params.end());
    cells.insert(cells.end(), row.models.begin(), row.models.end());
    cells.push_back(row.seconds ? fmt::format("{:.3f}", *row.seconds) : "");
    line(cells);
  }
  return text;
}

std::optional<double> published(const Table& table,
                                const std::string& metric,
                                const std::string& variant) {
  const auto numbers = found_in(table.report.published.values, metric);
  return numbers ? found_in(*numbers, variant) : std::nullopt;
}

report::Table summary_table(const Table& table) {
  report::Table out{{{"variant", Kind::Text}}, {}};
  for (const auto& column : table.report.labels.columns)
    out.columns.push_back({column, Kind::Text});
  for (const auto& metric : table.metrics) {
    if (is_published(table, metric))
      out.columns.push_back({metric + " (published)", Kind::Published});
    out.columns.push_back({metric, Kind::Number});
  }
  out.columns.push_back({"runs", Kind::Number});
  for (const auto& summary : summarise(table)) out.rows.push_back(summary_cells(table, summary));
  return out;
}

report::Table run_table(const Table& table) {
  report::Table out;
  const auto header = header_of(table);
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool is_number = (i >= 3 && i < 3 + table.metrics.size()) || i + 1 == header.size();
    out.columns.push_back({header[i], is_number ? Kind::Number : Kind::Text});
  }
  for (const auto& row : table.rows) out.rows.push_back(cells_of(row));
  return out;
}

std::string published_note(const Table& table) {
  if (table.report.published.source.empty()) return "";
  return fmt::format(
      "Published numbers: {}. They are shown as they were published, by others and on their data; "
      "no run here measured them.",
      table.report.published.source);
}

std::string to_markdown(const Table& table) {
  std::string text =
      fmt::format("# {}\n\nMean ± standard deviation (n - 1) over seeds.\n\n", table.title);
  if (const auto note = published_note(table); !note.empty()) text += note + "\n\n";
  text += markdown_table(summary_table(table));
  const auto said = measured_on(table);
  text += fmt::format("\n## {}\n\n", said.title);
  for (const auto& paragraph : said.paragraphs) text += paragraph + "\n\n";
  if (said.table) text += markdown_table(*said.table);
  text += "\n## Runs\n\n" + markdown_table(run_table(table));
  return fmt::format("{}\n{}\n", text, kNotAMedicalDevice);
}

}  // namespace mito::sweep
