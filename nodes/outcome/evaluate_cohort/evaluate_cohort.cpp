#include "nodes/outcome/evaluate_cohort/evaluate_cohort.h"

#include <algorithm>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/core/version.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"
#include "nodes/outcome/evaluate_cohort/evaluation_page.h"
#include "nodes/outcome/evaluate_cohort/measured.h"
#include "nodes/outcome/study/study_data.h"

namespace mito::evaluate_cohort {
namespace {

using Json = nlohmann::ordered_json;
using stats::CohortSlide;
using stats::Counts;
using stats::MatchRule;

constexpr const char* kCase = "case";  // level of a group

struct Study {
  const Params& params;
  const std::vector<CohortSlide>& slides;  ///< Sorted by name.
  double threshold;
  stats::ThresholdSource source;
};

std::int64_t truths_of(const std::vector<CohortSlide>& slides) {
  std::int64_t n = 0;
  for (const auto& slide : slides) n += std::ssize(slide.image.truths);
  return n;
}

std::int64_t claims_of(const std::vector<CohortSlide>& slides, double threshold) {
  std::int64_t n = 0;
  for (const auto& slide : slides)
    n += std::ssize(stats::claims_from(slide.image.claims, threshold));
  return n;
}

/// Empty when the tissue of a slide is not known.
std::optional<double> tissue_of(const std::vector<CohortSlide>& slides) {
  double sum = 0;
  for (const auto& slide : slides) {
    if (!slide.tissue_mm2) return std::nullopt;
    sum += *slide.tissue_mm2;
  }
  return sum;
}

Measured measured(const Study& study, const Group& group, MatchRule rule) {
  std::vector<Counts> per_case;
  for (const auto& [name, members] : stats::slides_per_case(group.slides)) {
    Counts counts;
    for (const auto i : members) {
      const auto& image = group.slides[i].image;
      counts += stats::match(image.truths, stats::claims_from(image.claims, study.threshold),
                             study.params.match_um, rule);
    }
    per_case.push_back(counts);
  }
  Measured out{rule, {}, {}, {}};
  for (const auto& counts : per_case) out.counts += counts;
  out.rates = stats::rates(per_case, study.params.replicates,
                           static_cast<std::uint64_t>(study.params.seed));
  out.fp_per_mm2 = stats::per_mm2(out.counts.fp, group.tissue_mm2);
  return out;
}

Group group_of(const Study& study,
               std::string level,
               std::string name,
               std::vector<CohortSlide> slides) {
  Group group{std::move(level), std::move(name), std::move(slides), 0, 0, 0, {}, {}};
  group.cases = stats::slides_per_case(group.slides).size();
  group.objects = truths_of(group.slides);
  group.detections = claims_of(group.slides, study.threshold);
  group.tissue_mm2 = tissue_of(group.slides);
  for (const auto rule : stats::kMatchRules) group.rules.push_back(measured(study, group, rule));
  return group;
}

/// The total, then centres, scanners, cases and slides.
std::vector<Group> groups_of(const Study& study) {
  std::vector<Group> groups{group_of(study, "total", "", study.slides)};
  const auto split = [&](const std::string& level, std::string CohortSlide::*name) {
    std::map<std::string, std::vector<CohortSlide>> parts;
    for (const auto& slide : study.slides)
      if (!(slide.*name).empty()) parts[slide.*name].push_back(slide);
    for (auto& [part, members] : parts)
      groups.push_back(group_of(study, level, part, std::move(members)));
  };
  split("centre", &CohortSlide::centre);
  split("scanner", &CohortSlide::scanner);
  split(kCase, &CohortSlide::case_id);
  for (const auto& slide : study.slides)
    groups.push_back(group_of(study, "slide", slide.name, {slide}));
  return groups;
}

/// The counts of each case at each threshold: [case][threshold].
std::vector<std::vector<stats::CurvePoint>> curve_per_case(const Study& study,
                                                           const std::vector<double>& at) {
  std::vector<std::vector<stats::CurvePoint>> out;
  for (const auto& [name, members] : stats::slides_per_case(study.slides)) {
    std::vector<stats::Image> images;
    for (const auto i : members) images.push_back(study.slides[i].image);
    out.push_back(stats::any_hit_curve(images, study.params.match_um, at));
  }
  return out;
}

/// F1 against the threshold: method 10.2's grid of 0.01 from where all objects are known, the best
/// score and the measured threshold.
std::vector<CurveRow> curve_of(const Study& study, const std::optional<stats::CurvePoint>& best) {
  const double lowest = stats::lowest_threshold(study.slides);
  std::set<double> at{lowest, study.threshold};
  for (int i = 0; i <= 100; ++i)
    if (i / 100.0 >= lowest) at.insert(i / 100.0);
  if (best) at.insert(best->threshold);
  const std::vector<double> thresholds(at.begin(), at.end());
  const auto per_case = curve_per_case(study, thresholds);
  std::vector<CurveRow> rows;
  for (std::size_t t = 0; t < thresholds.size(); ++t) {
    std::vector<Counts> counts;
    CurveRow row{thresholds[t], {}, {}};
    for (const auto& one : per_case) {
      counts.push_back(one[t].counts);
      row.counts += one[t].counts;
    }
    row.rates = stats::rates(counts, study.params.replicates,
                             static_cast<std::uint64_t>(study.params.seed));
    rows.push_back(row);
  }
  return rows;
}

/// Method 10.5 as columns, at the end of every row of every table.
std::string flag_names() {
  return "data_set,cases,slides,objects,rule,match_um,threshold_chosen_on,optimistic";
}

std::string flags(const Study& study,
                  const std::vector<CohortSlide>& slides,
                  MatchRule rule,
                  const stats::ThresholdSource& source) {
  return fmt::format("{},{},{},{},{},{},{},{}", csv_field(study.params.data_set),
                     stats::slides_per_case(slides).size(), slides.size(), truths_of(slides),
                     stats::name(rule), number_text(study.params.match_um),
                     csv_field(source.chosen_on), source.optimistic_text());
}

/// Every threshold of a curve is one that its reader chooses, on the same data.
std::string curve_flags(const Study& study) {
  return flags(study, study.slides, MatchRule::AnyHit, {"same data", true});
}

std::string with_interval(const stats::Estimate& estimate) {
  const auto& i = estimate.interval;
  return number_or_empty(estimate.value) + "," + (i ? number_text(i->low) : "") + "," +
         (i ? number_text(i->high) : "");
}

std::string table_row(const Study& study, const Group& group, const Measured& m) {
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", group.level, csv_field(group.name),
                     number_text(study.threshold), group.detections, m.counts.tp, m.counts.fp,
                     m.counts.fn, with_interval(m.rates.precision), with_interval(m.rates.recall),
                     with_interval(m.rates.f1), number_or_empty(group.tissue_mm2),
                     number_or_empty(m.fp_per_mm2),
                     flags(study, group.slides, m.rule, study.source));
}

std::string table_header() {
  return "level,name,threshold,detections,tp,fp,fn,precision,precision_low,precision_high,recall,"
         "recall_low,recall_high,f1,f1_low,f1_high,tissue_mm2,fp_per_mm2," +
         flag_names() + "\n";
}

/// The study in one row, by the paper's rule.
std::string table_csv(const Study& study, const std::vector<Group>& groups) {
  return table_header() + table_row(study, groups.front(), groups.front().rules.front());
}

/// A row per case, by the paper's rule: what the study's counts are the sums of.
std::string cases_csv(const Study& study, const std::vector<Group>& groups) {
  std::string out =
      "case,tp,fp,fn,precision,recall,f1,detections,tissue_mm2,threshold," + flag_names() + "\n";
  for (const auto& group : groups) {
    if (group.level != kCase) continue;
    const auto& m = group.rules.front();
    out +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(group.name), m.counts.tp,
                    m.counts.fp, m.counts.fn, number_or_empty(m.rates.precision.value),
                    number_or_empty(m.rates.recall.value), number_or_empty(m.rates.f1.value),
                    group.detections, number_or_empty(group.tissue_mm2),
                    number_text(study.threshold), flags(study, group.slides, m.rule, study.source));
  }
  return out;
}

/// Every group under every rule.
std::string details_csv(const Study& study, const std::vector<Group>& groups) {
  std::string out = table_header();
  for (const auto& group : groups)
    for (const auto& m : group.rules) out += table_row(study, group, m);
  return out;
}

std::string curve_csv(const Study& study, const std::vector<CurveRow>& rows) {
  std::string out =
      "threshold,tp,fp,fn,precision,precision_low,precision_high,recall,recall_low,recall_high,f1,"
      "f1_low,f1_high," +
      flag_names() + "\n";
  for (const auto& row : rows)
    out += fmt::format("{},{},{},{},{},{},{},{}\n", number_text(row.threshold), row.counts.tp,
                       row.counts.fp, row.counts.fn, with_interval(row.rates.precision),
                       with_interval(row.rates.recall), with_interval(row.rates.f1),
                       curve_flags(study));
  return out;
}

std::string froc_csv(const Study& study, const std::vector<stats::FrocPoint>& curve) {
  std::string out = "threshold,recall,fp_per_slide,fp_per_mm2," + flag_names() + "\n";
  for (const auto& p : curve)
    out += fmt::format("{},{},{},{},{}\n", number_text(p.threshold), number_or_empty(p.recall),
                       number_or_empty(p.fp_per_image), number_or_empty(p.fp_per_mm2),
                       curve_flags(study));
  return out;
}

stats::Calibration calibration_of(const Study& study) {
  std::vector<double> scores;
  std::vector<std::uint8_t> is_true;
  const double lowest = stats::lowest_threshold(study.slides);
  for (const auto& slide : study.slides) {
    const auto claims = stats::claims_from(slide.image.claims, lowest);
    const auto hits = stats::in_reach(slide.image.truths, claims, study.params.match_um);
    for (const auto& claim : claims) scores.push_back(claim.score);
    is_true.insert(is_true.end(), hits.begin(), hits.end());
  }
  return stats::calibrate(scores, is_true, study.params.calibration_bins);
}

std::string calibration_csv(const Study& study, const stats::Calibration& calibration) {
  std::string out = "low,high,detections,mean_score,share_true," + flag_names() + "\n";
  for (const auto& bin : calibration.bins)
    out += fmt::format("{},{},{},{},{},{}\n", number_text(bin.low), number_text(bin.high),
                       bin.count, number_or_empty(bin.mean_score), number_or_empty(bin.share_true),
                       curve_flags(study));
  return out;
}

Json estimate(const stats::Estimate& e) {
  return {{"value", number_or_null(e.value)},
          {"interval95", e.interval ? Json{e.interval->low, e.interval->high} : Json()}};
}

Json of_measured(const Measured& m) {
  Json out{{"tp", m.counts.tp},
           {"fp", m.counts.fp},
           {"fn", m.counts.fn},
           {"precision", estimate(m.rates.precision)},
           {"recall", estimate(m.rates.recall)},
           {"f1", estimate(m.rates.f1)}};
  Json undefined = Json::object();
  if (!m.rates.precision.value) undefined["precision"] = "no detection counts";
  if (!m.rates.recall.value) undefined["recall"] = "no true mitosis";
  if (!m.rates.f1.value) undefined["f1"] = "neither detections that count nor true mitoses";
  if (!undefined.empty()) out["undefined"] = undefined;
  return out;
}

/// A group under all rules.
Json of_group(const Group& group) {
  Json out = Json::object();
  if (group.level != "total") out[group.level] = group.name;
  if (group.level == "slide") {
    out["case"] = group.slides.front().case_id;
    out["centre"] = text_or_null(group.slides.front().centre);
    out["scanner"] = text_or_null(group.slides.front().scanner);
  }
  out["cases"] = group.cases;
  out["slides"] = group.slides.size();
  out["objects"] = group.objects;
  out["detections"] = group.detections;
  out["tissue_mm2"] = number_or_null(group.tissue_mm2);
  if (group.cases < 2) out["interval95_undefined"] = "needs two cases";
  if (const auto note = study::interval_note(group.cases); !note.empty())
    out["interval95_note"] = note;
  for (const auto& m : group.rules) {
    auto json = of_measured(m);
    json["fp_per_mm2"] = number_or_null(m.fp_per_mm2);
    out["rules"][std::string(stats::name(m.rule))] = json;
  }
  return out;
}

Json of_curve(const Study& study,
              const std::vector<CurveRow>& rows,
              const std::optional<stats::CurvePoint>& best) {
  Json out{{"file", kCurveFile},
           {"page", kPageFile},
           {"rule", stats::name(MatchRule::AnyHit)},
           {"lowest_threshold", stats::lowest_threshold(study.slides)},
           {"best_threshold", best ? Json(best->threshold) : Json()},
           {"best_f1", number_or_null((best ? best->counts : rows.front().counts).f1())},
           {"threshold_chosen_on", "same data"},
           {"optimistic", true},
           {"note",
            "objects below lowest_threshold are not among the detections, so the curve starts "
            "there; its maximum was chosen on the data it is measured on"}};
  std::vector<stats::CurvePoint> points;
  points.reserve(rows.size());
  for (const auto& row : rows) points.push_back({row.threshold, row.counts});
  out["width_within_95_percent"] = number_or_null(stats::plateau_width(points));
  if (!best) out["undefined"] = "no detections";
  return out;
}

Json of_tuning(const Tuning* tuning) {
  if (tuning == nullptr) return {};
  return {{"measure", tuning->measure},
          {"rule", tuning->rule},
          {"cases", tuning->cases},
          {"warnings", tuning->warnings}};
}

/// Method 10.5.
Json of_study(const Study& study, const Tuning* tuning, const Background& background) {
  std::int64_t others = 0;
  for (const auto& slide : study.slides) others += slide.other_labels;
  const auto& optimistic = study.source.optimistic;
  return {{"program", "mitoloom"},
          {"version", std::string(version())},
          {"not_a_medical_device", kNotAMedicalDevice},
          {"data_set", study.params.data_set},
          {"cases", stats::slides_per_case(study.slides).size()},
          {"slides", study.slides.size()},
          {"objects", truths_of(study.slides)},
          {"other_labels", others},
          {"model", text_or_null(background.model_digest)},
          {"model_parameters",
           background.model_parameters ? Json(*background.model_parameters) : Json()},
          {"rule", stats::name(MatchRule::AnyHit)},
          {"match_um", study.params.match_um},
          {"threshold", study.threshold},
          {"threshold_chosen_on", study.source.chosen_on},
          {"optimistic", optimistic ? Json(*optimistic) : Json()},
          {"tuning", of_tuning(tuning)},
          {"leak_check", leaks_json(background.leaks)},
          {"intervals",
           {{"method", "percentile bootstrap over cases"},
            {"level", 0.95},
            {"replicates", study.params.replicates},
            {"seed", study.params.seed}}}};
}

std::string model_text(const Background& background) {
  if (background.model_digest.empty()) return "not stated";
  if (!background.model_parameters) return background.model_digest;
  return fmt::format("{}, {:.3g} million parameters", background.model_digest,
                     static_cast<double>(*background.model_parameters) / 1e6);
}

std::string warning_of(const Study& study) {
  if (!study.source.optimistic)
    return "Nobody said on what data the threshold was chosen: the numbers may be optimistic.";
  if (*study.source.optimistic)
    return "Optimistic: the threshold was chosen on data that are measured here.";
  return "";
}

/// Method 10.5 for people.
std::vector<std::pair<std::string, std::string>> shown_flags(const Study& study,
                                                             const Tuning* tuning,
                                                             const Background& background) {
  const auto& optimistic = study.source.optimistic;
  const std::string flatters = !optimistic   ? "not known, as nobody said where it was chosen"
                               : *optimistic ? "yes: it was chosen on data that are measured here"
                                             : "no";
  std::vector<std::pair<std::string, std::string>> out{
      {"data set", study.params.data_set},
      {"size",
       fmt::format("{}, {}, {}",
                   counted(std::ssize(stats::slides_per_case(study.slides)), "case", "cases"),
                   counted(std::ssize(study.slides), "slide", "slides"),
                   counted(truths_of(study.slides), "mitosis", "mitoses"))},
      {"model", model_text(background)},
      {"a detection finds a mitosis within",
       fmt::format("{} µm", number_text(study.params.match_um))},
      {"threshold", number_text(study.threshold)},
      {"threshold chosen on", study.source.chosen_on},
      {"optimistic", flatters},
      {"intervals", fmt::format("percentile bootstrap over cases, {} resamples, seed {}",
                                study.params.replicates, study.params.seed)}};
  if (!background.leaks.names.empty()) {
    out.emplace_back("leaks, by the names of cases", background.leaks.names);
    out.emplace_back("leaks, by the content of files", background.leaks.content);
  }
  if (tuning != nullptr)
    for (const auto& warning : tuning->warnings) out.emplace_back("warning of the tuning", warning);
  return out;
}

std::optional<report::Section> shown_mistakes(const Study& study, const Album* album) {
  if (album == nullptr) return std::nullopt;
  return album->section(mistakes_of(study.slides, study.threshold, study.params.match_um),
                        study.slides);
}

/// The threshold to measure at. Throws DataError when a slide lacks detections from there on.
double checked_threshold(const Params& params,
                         const Tuning* tuning,
                         const std::vector<CohortSlide>& cohort) {
  const double threshold = threshold_of(params, tuning);
  for (const auto& slide : cohort)
    if (slide.lowest_score > threshold)
      throw DataError(
          fmt::format("slide '{}' has only detections from {} on, but they are to be measured from "
                      "{} on; lower "
                      "min_probability of the node that made them",
                      slide.name, number_text(slide.lowest_score), number_text(threshold)));
  return threshold;
}

}  // namespace

double threshold_of(const Params& params, const Tuning* tuning) {
  return tuning == nullptr ? params.min_probability.value_or(kPaperThreshold)
                           : tuning->min_probability;
}

Report measure(const Params& params,
               std::vector<CohortSlide> cohort,
               const Tuning* tuning,
               const Background& background) {
  if (cohort.empty()) throw DataError("there is no slide to evaluate");
  stats::require_measure(tuning, "f1");
  stats::sort_slides(cohort);
  const Study study{
      params, cohort, checked_threshold(params, tuning, cohort),
      stats::threshold_source(params.threshold_chosen_on, tuning, stats::names_of(cohort))};
  const auto images = stats::images_of(cohort);
  std::vector<double> scores;
  for (const double score : stats::distinct_scores(images))
    if (score >= stats::lowest_threshold(cohort)) scores.push_back(score);
  const auto points = stats::any_hit_curve(images, params.match_um, scores);
  const auto best = stats::best(points);
  Findings found{
      params.data_set == stats::kNotStated ? "" : params.data_set,
      background.model_digest,
      warning_of(study),
      study.threshold,
      shown_flags(study, tuning, background),
      groups_of(study),
      curve_of(study, best),
      stats::froc(points, cohort.size(), tissue_of(cohort)),
      calibration_of(study),
      background.data == nullptr ? std::vector<CohortGroup>() : groups_of(*background.data),
      shown_mistakes(study, background.album)};

  Json json = of_study(study, tuning, background);
  for (const char* name : {"total", "centres", "scanners", "per_case", "per_slide"})
    json[name] = Json::array();
  for (const auto& group : found.groups) {
    if (group.level == "total") {
      json["total"] = of_group(group);
    } else {
      const bool one = group.level == "slide" || group.level == kCase;
      json[one ? "per_" + group.level : group.level + "s"].push_back(of_group(group));
    }
  }
  json["data"] = study::data_json(found.data);
  json["curve"] = of_curve(study, found.curve, best);
  json["froc"] = {{"file", kFrocFile}};
  json["calibration"] = {{"file", kCalibrationFile},
                         {"bins", params.calibration_bins},
                         {"expected_error", number_or_null(found.calibration.expected_error)}};
  Report report;
  // File names need not be UTF-8: what is not is shown as a replacement character.
  report.json = json_text(json);
  report.table = table_csv(study, found.groups);
  report.cases = cases_csv(study, found.groups);
  report.details = details_csv(study, found.groups);
  report.curve = curve_csv(study, found.curve);
  report.froc = froc_csv(study, found.froc);
  report.calibration = calibration_csv(study, found.calibration);
  report.page = evaluation_page(found);
  return report;
}

OutputFiles files(Report report) {
  OutputFiles out{
      {kTableFile, std::move(report.table)},     {kCasesFile, std::move(report.cases)},
      {kDetailsFile, std::move(report.details)}, {kCurveFile, std::move(report.curve)},
      {kFrocFile, std::move(report.froc)},       {kCalibrationFile, std::move(report.calibration)}};
  std::ranges::move(report::files(report.page, kPageFile), std::back_inserter(out));
  out.push_back({kReportFile, std::move(report.json)});
  return out;
}

}  // namespace mito::evaluate_cohort
