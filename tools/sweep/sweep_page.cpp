#include "tools/sweep/sweep_page.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "tools/sweep/curve_file.h"
#include "tools/sweep/measured_on.h"

namespace mito::sweep {
namespace {

using report::CurvePoint;
using report::Range;
using Kind = report::Table::Column::Kind;

std::string repeat_name(const Row& row) { return row.seed.empty() ? "" : "seed " + row.seed; }

report::Spread spread_of(const Table& table, const Summary& summary, std::size_t metric) {
  report::Spread spread{summary.variant, {}, {}, {}, {}};
  for (const auto& row : table.rows)
    if (row.variant == summary.variant && row.metrics[metric])
      spread.repeats.push_back({repeat_name(row), *row.metrics[metric]});
  const auto& cell = summary.metrics[metric];
  if (cell.n > 0) spread.mean = cell.mean;
  if (cell.n > 1) spread.deviation = Range{cell.mean - cell.sd, cell.mean + cell.sd};
  spread.published = published(table, table.metrics[metric], summary.variant);
  return spread;
}

/// Variants of which nothing is known are left out. Empty when that is all of them.
std::optional<report::Figure> metric_figure(const Table& table,
                                            const std::vector<Summary>& summaries,
                                            std::size_t metric) {
  std::vector<report::Spread> spreads;
  bool is_published = false;
  for (const auto& summary : summaries) {
    auto spread = spread_of(table, summary, metric);
    is_published = is_published || spread.published;
    if (spread.mean || spread.published) spreads.push_back(std::move(spread));
  }
  if (spreads.empty()) return std::nullopt;
  const auto& name = table.metrics[metric];
  return report::spread_figure({"sweep." + name, name, ""}, {name, std::nullopt}, spreads,
                               is_published ? table.report.published.source : "");
}

/// The runs of one variant that have the curve.
std::vector<report::Curve> curves_of(const Table& table,
                                     const std::string& variant,
                                     std::size_t chart) {
  std::vector<report::Curve> repeats;
  std::vector<std::vector<CurvePoint>> points;
  for (const auto& row : table.rows) {
    if (row.variant != variant || row.curves.size() <= chart || row.curves[chart].empty()) continue;
    points.push_back(row.curves[chart]);
    auto thin = row.curves[chart];
    for (auto& point : thin) point.band.reset();
    repeats.push_back({variant, repeat_name(row), std::move(thin)});
  }
  const auto mean = mean_curve(points);
  if (repeats.size() < 2) repeats.clear();
  if (!mean.empty()) repeats.push_back({variant, "", mean});
  return repeats;
}

std::optional<report::Figure> chart_figure(const Table& table,
                                           const std::vector<Summary>& summaries,
                                           std::size_t index) {
  const auto& chart = table.report.charts[index];
  std::vector<report::Curve> curves;
  bool repeated = false;
  for (const auto& summary : summaries) {
    for (auto& curve : curves_of(table, summary.variant, index)) {
      repeated = repeated || !curve.repeat.empty();
      curves.push_back(std::move(curve));
    }
  }
  if (curves.empty()) return std::nullopt;
  std::string caption = fmt::format("From {} of each run.", chart.file);
  if (repeated)
    caption += " Thin: each seed. Thick: their mean, at every x that all seeds of a variant have.";
  if (!chart.low.empty())
    caption += fmt::format(" Band: {} to {}{}.", chart.low, chart.high,
                           repeated ? ", the mean of both over the seeds" : "");
  return report::curve_figure({"sweep." + chart.name, chart.title, caption},
                              {chart.x, std::nullopt}, {chart.y, std::nullopt}, curves);
}

report::Section variants_section(const Table& table) {
  report::Section section{"Variants",
                          {"Mean ± standard deviation (n - 1) over seeds."},
                          summary_table(table),
                          {},
                          false};
  if (const auto note = published_note(table); !note.empty()) section.paragraphs.push_back(note);
  return section;
}

report::Section figures_section(const Table& table) {
  const auto summaries = summarise(table);
  report::Section section{"Figures", {}, std::nullopt, {}, false};
  const auto add = [&](const std::string& name, std::optional<report::Figure> figure) {
    if (figure) {
      section.figures.push_back(std::move(*figure));
    } else {
      section.paragraphs.push_back(name + ": no run has it yet.");
    }
  };
  for (std::size_t c = 0; c < table.report.charts.size(); ++c)
    add(table.report.charts[c].title, chart_figure(table, summaries, c));
  for (std::size_t m = 0; m < table.metrics.size(); ++m)
    add(table.metrics[m], metric_figure(table, summaries, m));
  return section;
}

}  // namespace

report::Page sweep_page(const Table& table) {
  report::Page page{table.title, {}, {variants_section(table)}};
  auto figures = figures_section(table);
  if (!figures.figures.empty() || !figures.paragraphs.empty())
    page.sections.push_back(std::move(figures));
  page.sections.push_back(measured_on(table));
  page.sections.push_back({"Runs", {}, run_table(table), {}, false});
  return page;
}

}  // namespace mito::sweep
