#include "nodes/outcome/evaluate_cohort/evaluation_page.h"

#include <spdlog/fmt/fmt.h>

#include "nodes/outcome/study/study_data.h"

namespace mito::evaluate_cohort {
namespace {

using report::Table;
using Kind = Table::Column::Kind;

constexpr const char* kOptimistic =
    "A threshold read off this curve was chosen on the data it is measured on: optimistic.";

std::string short_number(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "–";
}

/// All its digits are among what was measured.
std::string shown_threshold(const Findings& findings) {
  return fmt::format("{:.4g}", findings.threshold);
}

/// "0.640 (0.512–0.731)"
std::string text_with_interval(const stats::Estimate& estimate) {
  std::string out = short_number(estimate.value);
  if (estimate.interval)
    out += fmt::format(" ({:.3f}–{:.3f})", estimate.interval->low, estimate.interval->high);
  return out;
}

std::vector<std::string> measured_cells(const Measured& m) {
  return {fmt::format("{}", m.counts.tp),
          fmt::format("{}", m.counts.fp),
          fmt::format("{}", m.counts.fn),
          text_with_interval(m.rates.precision),
          text_with_interval(m.rates.recall),
          text_with_interval(m.rates.f1),
          m.fp_per_mm2 ? fmt::format("{:.4g}", *m.fp_per_mm2) : "–"};
}

/// Columns `first`, then those of what measured_cells() gives.
Table table_with(const std::vector<Table::Column>& first) {
  Table table{first, {}};
  for (const char* title : {"TP", "FP", "FN", "precision", "recall", "F1", "FP per mm²"})
    table.columns.push_back({title, Kind::Number});
  return table;
}

Table group_table() {
  return table_with({{"level", Kind::Text},
                     {"name", Kind::Text},
                     {"cases", Kind::Number},
                     {"slides", Kind::Number},
                     {"mitoses", Kind::Number},
                     {"detections", Kind::Number}});
}

/// Does it belong among the slides, and not in the table of results?
bool is_of_one(const Group& group) { return group.level == "slide" || group.level == "case"; }

void add_group(Table& table, const Group& group) {
  std::vector<std::string> row{group.level,
                               group.name,
                               fmt::format("{}", group.cases),
                               fmt::format("{}", group.slides.size()),
                               fmt::format("{}", group.objects),
                               fmt::format("{}", group.detections)};
  const auto cells = measured_cells(group.rules.front());
  row.insert(row.end(), cells.begin(), cells.end());
  table.rows.push_back(std::move(row));
}

report::Section flags_section(const Findings& findings) {
  Table table{{{"", Kind::Text}, {"", Kind::Text}}, {}};
  for (const auto& [name, text] : findings.flags) table.rows.push_back({name, text});
  return {"What was measured", {}, std::move(table), {}, true};
}

report::Section groups_section(const Findings& findings) {
  Table table = group_table();
  std::vector<std::string> paragraphs{fmt::format(
      "Rule {} at threshold {}. Intervals hold 95 % of resamples of the cases; a "
      "group of one case has none.",
      stats::name(findings.groups.front().rules.front().rule), shown_threshold(findings))};
  for (const auto& group : findings.groups) {
    if (is_of_one(group)) continue;
    add_group(table, group);
    if (const auto note = study::interval_note(group.cases); !note.empty())
      paragraphs.push_back(fmt::format(
          "{}: {}.", group.name.empty() ? group.level : group.level + " " + group.name, note));
  }
  return {"Results", std::move(paragraphs), std::move(table), {}, false};
}

report::Section rules_section(const Findings& findings) {
  Table table = table_with({{"rule", Kind::Text}});
  for (const auto& m : findings.groups.front().rules) {
    std::vector<std::string> row{std::string(stats::name(m.rule))};
    const auto cells = measured_cells(m);
    row.insert(row.end(), cells.begin(), cells.end());
    table.rows.push_back(std::move(row));
  }
  return {"All slides under each matching rule", {}, std::move(table), {}, false};
}

report::Section slides_section(const Findings& findings) {
  Table table = group_table();
  for (const auto& group : findings.groups)
    if (is_of_one(group)) add_group(table, group);
  return {"Cases and slides", {}, std::move(table), {}, true};
}

report::Figure f1_curve(const Findings& findings) {
  report::Curve curve{"F1", "", {}};
  for (const auto& row : findings.curve) {
    if (!row.rates.f1.value) continue;
    std::optional<report::Range> band;
    if (const auto& interval = row.rates.f1.interval; interval)
      band = report::Range{interval->low, interval->high};
    curve.points.push_back({row.threshold, *row.rates.f1.value, band});
  }
  return report::curve_figure(
      {"evaluation_curve", "F1 against the threshold (Fig. 7)",
       fmt::format("The band holds 95 % of resamples of the cases. {}", kOptimistic)},
      {"threshold", std::nullopt}, {"F1", report::Range{0, 1}}, {curve},
      report::Mark{findings.threshold, fmt::format("measured at {}", shown_threshold(findings))});
}

report::Figure froc(const Findings& findings) {
  bool per_mm2 = true;
  for (const auto& point : findings.froc) per_mm2 = per_mm2 && point.fp_per_mm2.has_value();
  std::vector<report::FrocPoint> points;
  for (const auto& point : findings.froc) {
    const auto& cost = per_mm2 ? point.fp_per_mm2 : point.fp_per_image;
    if (cost && point.recall) points.push_back({point.threshold, *cost, *point.recall});
  }
  return report::froc_figure(
      {"evaluation_froc", "Mitoses found against false positives (FROC)", kOptimistic},
      per_mm2 ? "false positives per mm² of tissue" : "false positives per slide", points);
}

report::Figure calibration(const Findings& findings) {
  std::vector<report::CalibrationPoint> points;
  for (const auto& bin : findings.calibration.bins)
    if (bin.mean_score && bin.share_true)
      points.push_back({{bin.low, bin.high}, bin.count, *bin.mean_score, *bin.share_true});
  return report::calibration_figure(
      {"evaluation_calibration", "Calibration of the scores",
       fmt::format("On the dashed line a score is the probability of a mitosis. Expected "
                   "calibration error {}.",
                   short_number(findings.calibration.expected_error))},
      points);
}

/// A figure without a point is a sentence instead.
report::Section figures_section(const Findings& findings) {
  report::Section section{"Figures", {}, std::nullopt, {}, false};
  for (auto& figure : {f1_curve(findings), froc(findings), calibration(findings)}) {
    if (figure.spec["data"]["values"].empty()) {
      section.paragraphs.push_back(figure.title + ": not defined, there is nothing to measure.");
    } else {
      section.figures.push_back(figure);
    }
  }
  return section;
}

/// The paper's Table I.
report::Section data_section(const std::vector<CohortGroup>& data) {
  Table table{{{"purpose", Kind::Text},
               {"centre", Kind::Text},
               {"scanner", Kind::Text},
               {"reference", Kind::Text},
               {"cases", Kind::Number},
               {"slides", Kind::Number}},
              {}};
  for (const auto& group : data)
    table.rows.push_back({group.purpose, group.centre, group.scanner, group.reference,
                          fmt::format("{}", group.cases), fmt::format("{}", group.slides)});
  return {"Data of the study (Table I)",
          {"All rows of the table of the study, also of slides that are not measured here."},
          std::move(table),
          {},
          false};
}

/// "Model 3f2a9c1b on AMIDA13"; without a name of the data "... on A03, H03 and 4 more".
std::string title_of(const Findings& findings) {
  constexpr std::size_t kDigits = 8;
  constexpr std::size_t kNamed = 3;
  const std::string model =
      findings.model.empty() ? "Detections" : "Model " + findings.model.substr(0, kDigits);
  if (!findings.data_set.empty()) return model + " on " + findings.data_set;
  std::string names;
  std::size_t slides = 0;
  for (const auto& group : findings.groups) {
    if (group.level != "slide") continue;
    if (++slides <= kNamed) names += (slides == 1 ? "" : ", ") + group.name;
  }
  if (slides > kNamed) names += fmt::format(" and {} more", slides - kNamed);
  return model + " on " + names;
}

/// What a reader came for.
std::vector<report::Fact> answer_of(const Findings& findings) {
  const auto& total = findings.groups.front();
  const auto& measured = total.rules.front();
  const auto rate = [](const char* what, const stats::Estimate& estimate) {
    const auto& interval = estimate.interval;
    return report::Fact{
        what, short_number(estimate.value),
        interval ? fmt::format("95 % interval {:.3f} to {:.3f}", interval->low, interval->high)
                 : ""};
  };
  auto f1 = rate("F1", measured.rates.f1);
  if (f1.more.empty()) f1.more = "no interval: it needs two cases";
  const auto counted_of = [](std::size_t n, const char* one, const char* many) {
    return counted(static_cast<std::int64_t>(n), one, many);
  };
  return {f1,
          rate("precision", measured.rates.precision),
          rate("recall", measured.rates.recall),
          {"mitoses", fmt::format("{}", total.objects),
           fmt::format("{} found, {} missed, {} false", measured.counts.tp, measured.counts.fn,
                       measured.counts.fp)},
          {"measured on", counted_of(total.cases, "case", "cases"),
           counted_of(total.slides.size(), "slide", "slides")}};
}

}  // namespace

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

report::Page evaluation_page(const Findings& findings) {
  report::Page page{title_of(findings), {}, {groups_section(findings)}, answer_of(findings)};
  if (!findings.warning.empty()) page.paragraphs.push_back(findings.warning);
  if (findings.mistakes) page.sections.push_back(*findings.mistakes);
  page.sections.push_back(figures_section(findings));
  page.sections.push_back(rules_section(findings));
  if (!findings.data.empty()) page.sections.push_back(data_section(findings.data));
  page.sections.push_back(slides_section(findings));
  page.sections.push_back(flags_section(findings));
  return page;
}

}  // namespace mito::evaluate_cohort
