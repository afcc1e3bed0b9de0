#include "tools/sweep/table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"
#include "tools/sweep/measured_on.h"

namespace mito::sweep {
namespace {

using Kind = report::Table::Column::Kind;

Summary::Cell cell_of(const std::vector<double>& values, std::vector<double> collapsed) {
  Summary::Cell cell;
  cell.n = values.size();
  cell.collapsed = std::move(collapsed);
  if (!cell.collapsed.empty()) {
    const double sum = std::accumulate(values.begin(), values.end(), 0.0) +
                       std::accumulate(cell.collapsed.begin(), cell.collapsed.end(), 0.0);
    cell.mean_of_all = sum / static_cast<double>(values.size() + cell.collapsed.size());
  }
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
  out.emplace_back("note");
  return out;
}

/// A row for people.
std::vector<std::string> cells_of(const Row& row) {
  std::vector<std::string> out{row.variant, row.seed, row.state};
  for (const auto& metric : row.metrics) out.push_back(number(metric));
  out.insert(out.end(), row.params.begin(), row.params.end());
  for (const auto& model : row.models) out.push_back(digest_text(model));
  out.push_back(row.seconds ? fmt::format("{:.1f}", *row.seconds) : "–");
  out.push_back(row.note());
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
  std::size_t collapsed = 0;
  for (const auto& row : table.rows) {
    if (row.variant != variant) continue;
    ++all;
    done += row.state == "done" ? 1U : 0U;
    collapsed += row.collapsed() ? 1U : 0U;
  }
  return fmt::format("{} of {}{}", done, all,
                     collapsed > 0 ? fmt::format(", {} collapsed", collapsed) : "");
}

std::string run_name(const Row& row) {
  return row.seed.empty() ? row.variant : fmt::format("{}, seed {}", row.variant, row.seed);
}

/// "a, seeds 1, 2; b, seed 1".
std::string run_names(const std::vector<const Row*>& runs) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> seeds;
  for (const auto* row : runs) {
    if (!seeds.contains(row->variant)) order.push_back(row->variant);
    auto& of_variant = seeds[row->variant];
    if (!row->seed.empty()) of_variant.push_back(row->seed);
  }
  std::vector<std::string> out;
  for (const auto& variant : order) {
    const auto& all = seeds[variant];
    out.push_back(all.empty()
                      ? variant
                      : fmt::format("{}, {} {}", variant, all.size() == 1 ? "seed" : "seeds",
                                    fmt::join(all, ", ")));
  }
  return fmt::format("{}", fmt::join(out, "; "));
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
      std::vector<double> collapsed;
      for (const auto& other : table.rows) {
        if (other.variant == row.variant && other.metrics[m])
          (other.collapsed() ? collapsed : values).push_back(*other.metrics[m]);
      }
      summary.metrics.push_back(cell_of(values, std::move(collapsed)));
    }
    out.push_back(std::move(summary));
  }
  return out;
}

std::string text_of(const Summary::Cell& cell) {
  std::string text = cell.n == 0   ? "–"
                     : cell.n == 1 ? fmt::format("{:.4g}", cell.mean)
                                   : fmt::format("{:.4g} ± {:.2g}", cell.mean, cell.sd);
  if (cell.collapsed.empty()) return text;
  std::vector<std::string> values;
  values.reserve(cell.collapsed.size());
  for (const double value : cell.collapsed) values.push_back(fmt::format("{:.4g}", value));
  return fmt::format("{}; {} collapsed: {}; all: {:.4g}", text, values.size(),
                     fmt::join(values, ", "), *cell.mean_of_all);
}

std::string Row::note() const {
  std::vector<std::string> parts;
  if (!problem.empty()) parts.push_back(problem);
  for (const auto* texts : {&training.collapsed, &training.doubtful})
    parts.insert(parts.end(), texts->begin(), texts->end());
  if (!training.unjudged.empty())
    parts.push_back(
        fmt::format("no log of the training of {}", fmt::join(training.unjudged, ", ")));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::vector<std::string> summary_notes(const Table& table) {
  std::vector<std::string> out{"Mean ± standard deviation (n - 1) over seeds."};
  std::vector<std::string> collapsed;
  std::vector<const Row*> doubtful;
  std::vector<const Row*> unjudged;
  for (const auto& row : table.rows) {
    if (row.collapsed())
      collapsed.push_back(
          fmt::format("{} ({})", run_name(row), fmt::join(row.training.collapsed, "; ")));
    if (!row.training.doubtful.empty()) doubtful.push_back(&row);
    if (!row.training.unjudged.empty()) unjudged.push_back(&row);
  }
  if (!collapsed.empty())
    out.push_back(fmt::format(
        "Collapsed, by validation and tuning cases alone: {}. They are not in the means, and stand "
        "beside them: a variant that collapses is not better for it.",
        fmt::join(collapsed, "; ")));
  if (!doubtful.empty())
    out.push_back(fmt::format(
        "The threshold lies at an end of its grid, so that the best one may lie outside: {}. They "
        "are in the means.",
        run_names(doubtful)));
  if (!unjudged.empty())
    out.push_back(fmt::format(
        "Whether a network collapsed is not known, as it came from the store and no run "
        "here has the log of its training: {}. They are in the means.",
        run_names(unjudged)));
  return out;
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
    cells.push_back(row.note());
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
    const bool is_number = (i >= 3 && i < 3 + table.metrics.size()) || i + 2 == header.size();
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

std::string to_markdown(const Table& table, const std::vector<report::Section>& comparison) {
  std::string text = fmt::format("# {}\n\n", table.title);
  for (const auto& paragraph : summary_notes(table)) text += paragraph + "\n\n";
  if (const auto note = published_note(table); !note.empty()) text += note + "\n\n";
  text += markdown_table(summary_table(table));
  auto sections = comparison;
  sections.push_back(measured_on(table));
  for (const auto& section : sections) {
    text += fmt::format("\n## {}\n\n", section.title);
    for (const auto& paragraph : section.paragraphs) text += paragraph + "\n\n";
    if (section.table) text += markdown_table(*section.table);
  }
  text += "\n## Runs\n\n" + markdown_table(run_table(table));
  return fmt::format("{}\n{}\n", text, kNotAMedicalDevice);
}

}  // namespace mito::sweep
