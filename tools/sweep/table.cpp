#include "tools/sweep/table.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::sweep {
namespace {

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

std::vector<std::string> summary_header(const Table& table) {
  std::vector<std::string> out{"variant", "runs"};
  out.insert(out.end(), table.metrics.begin(), table.metrics.end());
  return out;
}

std::vector<std::string> summary_cells(const Table& table, const Summary& summary) {
  std::size_t all = 0;
  std::size_t done = 0;
  for (const auto& row : table.rows) {
    if (row.variant != summary.variant) continue;
    ++all;
    done += row.state == "done" ? 1U : 0U;
  }
  std::vector<std::string> out{summary.variant, fmt::format("{} of {}", done, all)};
  for (const auto& cell : summary.metrics) out.push_back(text_of(cell));
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

std::string escaped(const std::string& text) {
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

std::string html_line(const std::vector<std::string>& cells, const char* tag) {
  std::string text = "<tr>";
  for (const auto& cell : cells) text += fmt::format("<{0}>{1}</{0}>", tag, escaped(cell));
  return text + "</tr>\n";
}

/// A line per variant: a dot per seed, a bar from mean - sd to mean + sd.
std::string drawing(const Table& table, const std::vector<Summary>& summaries, std::size_t metric) {
  std::size_t longest = 0;
  for (const auto& summary : summaries) longest = std::max(longest, summary.variant.size());
  const double left = 30 + 7 * static_cast<double>(longest);  // room for the names
  constexpr double kWidth = 480;
  constexpr double kLine = 22;
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  for (const auto& row : table.rows) {
    if (!row.metrics[metric]) continue;
    low = std::min(low, *row.metrics[metric]);
    high = std::max(high, *row.metrics[metric]);
  }
  if (low > high) return "<p>no run has it yet</p>\n";
  const double span = high > low ? high - low : 1;
  const auto x = [&](double v) { return left + std::clamp((v - low) / span, 0.0, 1.0) * kWidth; };
  const double height = kLine * static_cast<double>(summaries.size()) + 24;
  std::string text = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                                 left + kWidth + 20, height, escaped(table.metrics[metric]));
  double y = kLine / 2;
  for (const auto& summary : summaries) {
    const auto& cell = summary.metrics[metric];
    text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", left - 12, y + 4,
                        escaped(summary.variant));
    if (cell.n > 0) {
      text += fmt::format(
          "<path class=\"sd\" d=\"M{0:.1f} {1}H{2:.1f}\"/><path class=\"mean\" d=\"M{3:.1f} "
          "{4}V{5}\"/>\n",
          x(cell.mean - cell.sd), y, x(cell.mean + cell.sd), x(cell.mean), y - 7, y + 7);
    }
    for (const auto& row : table.rows) {
      if (row.variant != summary.variant || !row.metrics[metric]) continue;
      text +=
          fmt::format("<circle cx=\"{:.1f}\" cy=\"{}\" r=\"3.5\"/>\n", x(*row.metrics[metric]), y);
    }
    y += kLine;
  }
  text += fmt::format("<text x=\"{}\" y=\"{}\">{:.4g}</text>", left, height - 4, low);
  if (high > low) {
    text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{:.4g}</text>", left + kWidth,
                        height - 4, high);
  }
  return text + "\n</svg>\n";
}

constexpr std::string_view kStyle = R"(
body { font: 15px/1.4 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid #ccc; padding: .25em .6em; text-align: left; }
th { background: #eef2f7; }
svg { width: 100%; max-width: 760px; font-size: 12px; }
circle { fill: #1f5fa8; fill-opacity: .6; }
.sd { stroke: #888; stroke-width: 3; }
.mean { stroke: #222; stroke-width: 2; }
)";

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

std::string to_markdown(const Table& table) {
  std::string text = fmt::format("# {}\n\nMean ± standard deviation over seeds.\n\n", table.title);
  text += markdown_head(summary_header(table));
  for (const auto& summary : summarise(table)) text += markdown_line(summary_cells(table, summary));
  text += "\n## Runs\n\n" + markdown_head(header_of(table));
  for (const auto& row : table.rows) text += markdown_line(cells_of(row));
  return text;
}

std::string to_html(const Table& table) {
  const auto summaries = summarise(table);
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{0}</title>\n"
      "<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p>Mean ± standard deviation over "
      "seeds. Research use only: not a medical device.</p>\n<table>\n",
      escaped(table.title), kStyle);
  text += html_line(summary_header(table), "th");
  for (const auto& summary : summaries) text += html_line(summary_cells(table, summary), "td");
  text += "</table>\n";
  for (std::size_t m = 0; m < table.metrics.size(); ++m) {
    text += fmt::format("<h2>{}</h2>\n", escaped(table.metrics[m]));
    text += drawing(table, summaries, m);
  }
  text += "<h2>Runs</h2>\n<table>\n" + html_line(header_of(table), "th");
  for (const auto& row : table.rows) text += html_line(cells_of(row), "td");
  return text + "</table>\n</body>\n</html>\n";
}

}  // namespace mito::sweep
