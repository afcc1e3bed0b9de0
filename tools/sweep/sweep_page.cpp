#include "tools/sweep/sweep_page.h"

#include <algorithm>
#include <iterator>
#include <map>

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

std::string cell_text(const Summary::Cell& cell) {
  return cell.n == 0 && cell.collapsed.empty()
             ? "no run has it"
             : fmt::format("{} ({} {})", text_of(cell), cell.n, cell.n == 1 ? "run" : "runs");
}

/// A heat map of the last two parameters of the grid for every choice of the others; none where the
/// grid has one parameter.
std::vector<report::Figure> grid_figures(const Table& table,
                                         const std::vector<Summary>& summaries,
                                         std::size_t metric) {
  if (table.axes.size() < 2) return {};
  const auto& name = table.metrics[metric];
  const auto& across = table.axes.back();
  const auto& down = table.axes[table.axes.size() - 2];
  std::map<std::string, std::vector<report::GridCell>> by_others;
  std::vector<std::string> order;
  bool any = false;
  for (const auto& summary : summaries) {
    const auto point = table.points.find(summary.variant);
    if (point == table.points.end()) continue;
    const auto& at = point->second;
    std::string others;
    for (std::size_t a = 0; a + 2 < at.size(); ++a)
      others += fmt::format("{}{}={}", others.empty() ? "" : ", ", table.axes[a].name,
                            table.axes[a].values[at[a]]);
    auto& cells = by_others[others];
    if (cells.empty()) order.push_back(others);
    const auto& cell = summary.metrics[metric];
    any = any || cell.n > 0;
    cells.push_back({at[at.size() - 1], at[at.size() - 2],
                     cell.n > 0 ? std::optional(cell.mean) : std::nullopt, cell_text(cell)});
  }
  std::vector<report::Figure> out;
  if (!any) return out;
  for (const auto& others : order) {
    out.push_back(report::grid_figure(
        {fmt::format("sweep.{}.grid{}", name,
                     order.size() > 1 ? std::to_string(out.size() + 1) : ""),
         others.empty() ? name + " over the grid"
                        : fmt::format("{} over the grid, {}", name, others),
         "Mean over the seeds that did not collapse."},
        {across.name, across.values}, {down.name, down.values}, name, by_others[others]));
  }
  return out;
}

/// Is every number a field of the heat map?
bool is_grid_of_single_runs(const Table& table,
                            const std::vector<Summary>& summaries,
                            std::size_t metric) {
  return std::ranges::all_of(summaries, [&](const Summary& summary) {
    const auto& cell = summary.metrics[metric];
    return table.points.contains(summary.variant) && cell.n <= 1 && cell.collapsed.empty() &&
           !published(table, table.metrics[metric], summary.variant);
  });
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
  report::Section section{"Variants", summary_notes(table), summary_table(table), {}, false};
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
  for (std::size_t m = 0; m < table.metrics.size(); ++m) {
    auto grids = grid_figures(table, summaries, m);
    const bool says_all = !grids.empty() && is_grid_of_single_runs(table, summaries, m);
    std::ranges::move(grids, std::back_inserter(section.figures));
    if (!says_all) add(table.metrics[m], metric_figure(table, summaries, m));
  }
  return section;
}

}  // namespace

report::Page sweep_page(const Table& table, const std::vector<report::Section>& comparison) {
  report::Page page{table.title, {}, {variants_section(table)}};
  auto figures = figures_section(table);
  if (!figures.figures.empty() || !figures.paragraphs.empty())
    page.sections.push_back(std::move(figures));
  page.sections.insert(page.sections.end(), comparison.begin(), comparison.end());
  page.sections.push_back(measured_on(table));
  page.sections.push_back({"Runs", {}, run_table(table), {}, false});
  return page;
}

}  // namespace mito::sweep
