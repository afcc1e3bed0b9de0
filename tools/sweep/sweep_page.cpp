#include "tools/sweep/sweep_page.h"

#include <algorithm>
#include <functional>
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

/// What a heat map says of a variant.
struct Field {
  std::optional<double> value;
  std::string text;
};
using FieldOf = std::function<Field(const std::string& variant)>;

/// What all heat maps of a number have in common.
struct HeatMaps {
  std::string name;   ///< Begins their names.
  std::string title;  ///< "f1"
  std::string caption;
  bool of_differences = false;
};

/// A heat map of the last two parameters of the grid for every choice of the others; none where the
/// grid has one parameter, or no field a value.
std::vector<report::Figure> grid_figures(const Table& table,
                                         const std::vector<Summary>& summaries,
                                         const HeatMaps& maps,
                                         const FieldOf& field_of) {
  if (table.axes.size() < 2) return {};
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
    auto field = field_of(summary.variant);
    any = any || field.value;
    cells.push_back({at[at.size() - 1], at[at.size() - 2], field.value, std::move(field.text)});
  }
  std::vector<report::Figure> out;
  if (!any) return out;
  for (const auto& others : order)
    out.push_back(report::grid_figure(
        {maps.name + (order.size() > 1 ? std::to_string(out.size() + 1) : ""),
         others.empty() ? maps.title + " over the grid"
                        : fmt::format("{} over the grid, {}", maps.title, others),
         maps.caption},
        {across.name, across.values}, {down.name, down.values}, maps.title, by_others[others],
        maps.of_differences));
  return out;
}

std::vector<report::Figure> metric_grids(const Table& table,
                                         const std::vector<Summary>& summaries,
                                         std::size_t metric) {
  const auto& name = table.metrics[metric];
  return grid_figures(
      table, summaries,
      {fmt::format("sweep.{}.grid", name), name, "Mean over the seeds that did not collapse."},
      [&](const std::string& variant) {
        const auto& cell =
            std::ranges::find(summaries, variant, &Summary::variant)->metrics[metric];
        return Field{cell.n > 0 ? std::optional(cell.mean) : std::nullopt, cell_text(cell)};
      });
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
    auto grids = metric_grids(table, summaries, m);
    const bool says_all = !grids.empty() && is_grid_of_single_runs(table, summaries, m);
    std::ranges::move(grids, std::back_inserter(section.figures));
    if (!says_all) add(table.metrics[m], metric_figure(table, summaries, m));
  }
  return section;
}

/// "+0.273 (97 %)": the share of the resamples in which the order holds.
std::string effect_text(const Compared& one) {
  const auto& d = one.difference;
  auto text = fmt::format("{:+.3g}", *d.value);
  if (d.same_order) text += fmt::format(" ({:.1f} %)", 100 * *d.same_order);
  return text;
}

/// "f1 (higher is better)".
std::string title_with_direction(const Table& table, std::size_t metric) {
  const auto higher =
      table.kinds.size() > metric ? table.kinds[metric].higher_is_better : std::nullopt;
  const auto& name = table.metrics[metric];
  return higher ? fmt::format("{} ({} is better)", name, *higher ? "higher" : "lower") : name;
}

/// Empty where nothing is known of the metric.
std::optional<report::Figure> forest(const Table& table,
                                     const std::vector<Compared>& all,
                                     std::size_t metric) {
  std::vector<report::Effect> effects;
  for (const auto& one : all) {
    if (one.metric != metric || !one.difference.value) continue;
    std::optional<Range> interval;
    if (const auto& i = one.difference.interval) interval = Range{i->low, i->high};
    effects.push_back({one.variant, *one.difference.value, interval, effect_text(one)});
  }
  if (effects.empty()) return std::nullopt;
  return report::forest_figure({fmt::format("sweep.{}.difference", table.metrics[metric]),
                                title_with_direction(table, metric), ""},
                               {"difference", std::nullopt}, effects);
}

/// Where the baseline and all variants are fields of the grid; else none.
std::vector<report::Figure> difference_grids(const Table& table,
                                             const std::vector<Summary>& summaries,
                                             const std::vector<Compared>& all,
                                             std::size_t metric) {
  for (const auto& summary : summaries)
    if (!table.points.contains(summary.variant)) return {};
  const auto& name = table.metrics[metric];
  return grid_figures(
      table, summaries,
      {fmt::format("sweep.{}.difference.grid", name), title_with_direction(table, metric),
       "What has no number is the baseline, or is not known.", true},
      [&](const std::string& variant) {
        for (const auto& one : all) {
          if (one.metric != metric || one.variant != variant || !one.difference.value) continue;
          const auto& i = one.difference.interval;
          return Field{one.difference.value, i ? fmt::format("{}, interval {:.3g} to {:.3g}",
                                                             effect_text(one), i->low, i->high)
                                               : effect_text(one)};
        }
        return Field{std::nullopt, variant == table.report.baseline ? "the baseline" : "not known"};
      });
}

/// Of the metrics of which the sweep file says what is better; of all, where it says so of none.
std::vector<std::size_t> metrics_to_compare(const Table& table) {
  std::vector<std::size_t> out;
  for (std::size_t m = 0; m < table.kinds.size(); ++m)
    if (table.kinds[m].higher_is_better) out.push_back(m);
  if (!out.empty()) return out;
  for (std::size_t m = 0; m < table.metrics.size(); ++m) out.push_back(m);
  return out;
}

/// Empty where there is no difference to be drawn.
std::optional<report::Section> differences_section(const Table& table,
                                                   const std::vector<Compared>& all) {
  report::Section section{"Differences from " + table.report.baseline, {}, std::nullopt, {}, false};
  const auto summaries = summarise(table);
  bool has_lines = false;
  for (const auto metric : metrics_to_compare(table)) {
    auto figures = difference_grids(table, summaries, all, metric);
    if (figures.empty()) {
      if (auto figure = forest(table, all, metric)) figures.push_back(std::move(*figure));
      has_lines = has_lines || !figures.empty();
    }
    std::ranges::move(figures, std::back_inserter(section.figures));
  }
  if (section.figures.empty()) return std::nullopt;
  std::string text =
      fmt::format("Each variant less {}, paired by seed and case.", table.report.baseline);
  if (has_lines)
    text +=
        " A line holds the middle 95 % of the resamples of cases and seeds; the dot is filled "
        "where "
        "these leave out 0. Beside it stands the difference, with the share of the resamples in "
        "which "
        "its sign holds.";
  section.paragraphs.push_back(std::move(text));
  return section;
}

}  // namespace

report::Page sweep_page(const Table& table, const Comparison& comparison) {
  report::Page page{table.title, {}, {}};
  auto& sections = page.sections;
  if (auto differences = differences_section(table, comparison.with_baseline))
    sections.push_back(std::move(*differences));
  auto compared = comparison_sections(table, comparison);
  const bool has_baseline = !comparison.with_baseline.empty();
  if (has_baseline) sections.push_back(std::move(compared.front()));
  sections.push_back(variants_section(table));
  auto figures = figures_section(table);
  if (!figures.figures.empty() || !figures.paragraphs.empty())
    sections.push_back(std::move(figures));
  std::move(compared.begin() + (has_baseline ? 1 : 0), compared.end(),
            std::back_inserter(sections));
  sections.push_back(measured_on(table));
  sections.push_back({"Runs", {}, run_table(table), {}, true});
  return page;
}

}  // namespace mito::sweep
