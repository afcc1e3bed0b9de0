#include "nodes/outcome/evaluate_outcome/evaluate_outcome.h"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/core/version.h"
#include "engine/stats/agreement.h"
#include "engine/stats/bootstrap.h"
#include "engine/stats/threshold_curves.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"
#include "nodes/outcome/study/study_data.h"

namespace mito::evaluate_outcome {
namespace {

using Json = nlohmann::ordered_json;
using Indices = std::vector<std::size_t>;

/// The three thresholds that turn detections into a grade.
struct Thresholds {
  double delta = 0;
  double theta1 = 0;
  double theta2 = 0;
};

/// A slide as it was counted and graded.
struct Outcome {
  stats::SlideCounts slide;
  double count = 0;
  int grade = 1;
};

struct Study {
  const Params& params;
  Thresholds thresholds;
  stats::ThresholdSource source;
  std::vector<Outcome> slides;  ///< Sorted by name.
};

/// A measure of agreement over some slides, with its intervals.
struct Agreement {
  std::string measure;  ///< "spearman", "quadratic_kappa"
  std::size_t slides = 0;
  std::size_t cases = 0;
  std::optional<double> value;
  std::optional<stats::Interval> bootstrap;
  std::optional<stats::Interval> fisher;
  std::string undefined;  ///< Why there is no value.
};

/// Slides that are compared together.
struct Group {
  std::string level;  ///< "total", "centre", "scanner"
  std::string name;
  Indices slides;
};

std::string text(const std::optional<stats::Interval>& interval) {
  return interval ? number_text(interval->low) + "," + number_text(interval->high) : ",";
}

Json json_of(const std::optional<stats::Interval>& interval) {
  return interval ? Json{interval->low, interval->high} : Json();
}

Thresholds thresholds_of(const Params& params, const Tuning* tuning) {
  Thresholds out{params.min_probability.value_or(kPaperThreshold), params.grade1_max_count,
                 params.grade2_max_count};
  if (tuning == nullptr) return out;
  out.delta = tuning->min_probability;
  if (!tuning->has_grades) return out;
  out.theta1 = tuning->grade1_max_count;
  out.theta2 = tuning->grade2_max_count;
  return out;
}

std::vector<Outcome> graded(std::vector<stats::SlideCounts> slides, const Thresholds& thresholds) {
  stats::sort_slides(slides);
  std::vector<Outcome> out;
  for (auto& slide : slides) {
    const double count = stats::count_at(slide, thresholds.delta);
    const int grade = stats::grade_of_count(count, thresholds.theta1, thresholds.theta2);
    out.push_back({std::move(slide), count, grade});
  }
  return out;
}

std::vector<Group> groups_of(const std::vector<Outcome>& slides) {
  Group total{"total", "", {}};
  std::map<std::string, Indices> centres;
  std::map<std::string, Indices> scanners;
  for (std::size_t i = 0; i < slides.size(); ++i) {
    total.slides.push_back(i);
    if (!slides[i].slide.centre.empty()) centres[slides[i].slide.centre].push_back(i);
    if (!slides[i].slide.scanner.empty()) scanners[slides[i].slide.scanner].push_back(i);
  }
  std::vector<Group> groups{std::move(total)};
  for (auto& [name, members] : centres) groups.push_back({"centre", name, std::move(members)});
  for (auto& [name, members] : scanners) groups.push_back({"scanner", name, std::move(members)});
  return groups;
}

std::optional<double> spearman_of(const Study& study, const Indices& slides) {
  std::vector<double> counts;
  std::vector<double> reference;
  for (const auto i : slides) {
    counts.push_back(study.slides[i].count);
    reference.push_back(*study.slides[i].slide.proliferation);
  }
  return stats::spearman(counts, reference);
}

std::optional<double> kappa_of(const Study& study, const Indices& slides) {
  std::vector<int> grades;
  std::vector<int> reference;
  for (const auto i : slides) {
    grades.push_back(study.slides[i].grade);
    reference.push_back(*study.slides[i].slide.grade);
  }
  return stats::quadratic_kappa(reference, grades);
}

/// `statistic` of the slides that have a reference, with its interval over their cases.
Agreement measured(const Study& study,
                   const std::string& measure,
                   const Indices& slides,
                   const std::function<std::optional<double>(const Study&, const Indices&)>& of) {
  std::map<std::string, Indices> per_case;
  for (const auto i : slides) per_case[study.slides[i].slide.case_id].push_back(i);
  std::vector<Indices> cases;
  cases.reserve(per_case.size());
  for (auto& [name, members] : per_case) cases.push_back(std::move(members));

  Agreement out;
  out.measure = measure;
  out.slides = slides.size();
  out.cases = cases.size();
  out.value = of(study, slides);
  if (!out.value)
    out.undefined = slides.size() < 2 ? "fewer than two slides have a reference"
                                      : "all slides have the same outcome or the same reference";
  if (cases.size() < 2) return out;
  const auto draws = stats::resamples(cases.size(), study.params.replicates,
                                      static_cast<std::uint64_t>(study.params.seed));
  out.bootstrap =
      stats::percentile_interval95(stats::bootstrap(draws, [&](const stats::Resample& draw) {
        Indices drawn;
        for (const auto c : draw) drawn.insert(drawn.end(), cases[c].begin(), cases[c].end());
        return of(study, drawn);
      }));
  return out;
}

std::array<Agreement, 2> agreements_of(const Study& study, const Group& group) {
  Indices scored;
  Indices with_grade;
  for (const auto i : group.slides) {
    if (study.slides[i].slide.proliferation) scored.push_back(i);
    if (study.slides[i].slide.grade) with_grade.push_back(i);
  }
  auto spearman = measured(study, "spearman", scored, spearman_of);
  if (spearman.value) spearman.fisher = stats::fisher_interval95(*spearman.value, scored.size());
  return {std::move(spearman), measured(study, "quadratic_kappa", with_grade, kappa_of)};
}

/// Method 10.5 as columns, at the end of every row of every table.
constexpr const char* kFlagNames = "data_set,delta,theta1,theta2,threshold_chosen_on,optimistic";

std::string flags(const Study& study) {
  const auto& t = study.thresholds;
  return fmt::format("{},{},{},{},{},{}", csv_field(study.params.data_set), number_text(t.delta),
                     number_text(t.theta1), number_text(t.theta2),
                     csv_field(study.source.chosen_on), study.source.optimistic_text());
}

std::string agreement_row(const Study& study, const Group& group, const Agreement& a) {
  return fmt::format("{},{},{},{},{},{},{},{},{}\n", group.level, csv_field(group.name), a.measure,
                     a.slides, a.cases, number_or_empty(a.value), text(a.bootstrap), text(a.fisher),
                     flags(study));
}

std::string slides_csv(const Study& study) {
  std::string out = fmt::format(
      "slide,case,centre,scanner,count,grade,reference_grade,reference_proliferation,{}\n",
      kFlagNames);
  for (const auto& [slide, count, grade] : study.slides)
    out += fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_field(slide.name),
                       csv_field(slide.case_id), csv_field(slide.centre), csv_field(slide.scanner),
                       number_text(count), grade, slide.grade ? std::to_string(*slide.grade) : "",
                       number_or_empty(slide.proliferation), flags(study));
  return out;
}

Json json_of(const Agreement& a) {
  Json out{{"value", number_or_null(a.value)},
           {"bootstrap95", json_of(a.bootstrap)},
           {"slides", a.slides},
           {"cases", a.cases}};
  if (a.measure == "spearman") out["fisher95"] = json_of(a.fisher);
  if (!a.undefined.empty()) out["undefined"] = a.undefined;
  if (const auto note = study::interval_note(a.cases); !note.empty())
    out["bootstrap95_note"] = note;
  return out;
}

/// [reference grade - 1][grade - 1]
Json confusion_of(const Study& study, const Group& group) {
  std::array<std::array<std::int64_t, 3>, 3> counts{};
  for (const auto i : group.slides) {
    const auto& one = study.slides[i];
    if (!one.slide.grade) continue;
    ++counts.at(static_cast<std::size_t>(*one.slide.grade) - 1)
          .at(static_cast<std::size_t>(one.grade) - 1);
  }
  return counts;
}

Json of_group(const Study& study, const Group& group, std::string& table) {
  Json out = Json::object();
  if (group.level != "total") out[group.level] = group.name;
  out["slides"] = group.slides.size();
  for (const auto& agreement : agreements_of(study, group)) {
    table += agreement_row(study, group, agreement);
    out[agreement.measure] = json_of(agreement);
  }
  out["grades_by_reference"] = confusion_of(study, group);
  return out;
}

/// Method 10.5, and 10.7: published numbers stand beside ours, never as ours.
Json of_study(const Study& study, const Tuning* tuning, const Background& background) {
  std::map<std::string, int> cases;
  for (const auto& one : study.slides) ++cases[one.slide.case_id];
  const auto& optimistic = study.source.optimistic;
  return {{"program", "mitoloom"},
          {"version", std::string(version())},
          {"not_a_medical_device", kNotAMedicalDevice},
          {"data_set", study.params.data_set},
          {"cases", cases.size()},
          {"slides", study.slides.size()},
          {"model", text_or_null(background.model_digest)},
          {"delta", study.thresholds.delta},
          {"theta1", study.thresholds.theta1},
          {"theta2", study.thresholds.theta2},
          {"threshold_chosen_on", study.source.chosen_on},
          {"optimistic", optimistic ? Json(*optimistic) : Json()},
          {"tuning_warnings", tuning == nullptr ? Json() : Json(tuning->warnings)},
          {"intervals",
           {{"bootstrap95", "percentile bootstrap over cases"},
            {"fisher95", "Fisher's z with standard error 1/sqrt(slides - 3)"},
            {"replicates", study.params.replicates},
            {"seed", study.params.seed}}},
          {"published",
           {{"source", "Tellez et al. 2018, TUPAC test set, 321 slides; not measured here"},
            {"quadratic_kappa", 0.471},
            {"spearman", 0.519}}}};
}

}  // namespace

std::string check(const Params& params) {
  if (params.grade1_max_count < params.grade2_max_count) return "";
  return "grade1_max_count must be less than grade2_max_count, got " +
         number_text(params.grade1_max_count) + " and " + number_text(params.grade2_max_count);
}

Report measure(const Params& params,
               std::vector<stats::SlideCounts> slides,
               const Tuning* tuning,
               const Background& background) {
  if (slides.empty()) throw DataError("there is no slide to evaluate");
  stats::require_measure(tuning, "spearman");
  const auto thresholds = thresholds_of(params, tuning);
  auto source =
      stats::threshold_source(params.threshold_chosen_on, tuning, stats::names_of(slides));
  const Study study{params, thresholds, std::move(source), graded(std::move(slides), thresholds)};

  Report report;
  report.agreement = fmt::format(
      "level,name,measure,slides,cases,value,bootstrap_low,bootstrap_high,fisher_low,fisher_high,"
      "{}\n",
      kFlagNames);
  Json json = of_study(study, tuning, background);
  json["leak_check"] = leaks_json(background.leaks);
  if (background.data != nullptr) json["data"] = study::data_json(groups_of(*background.data));
  for (const char* name : {"total", "centres", "scanners"}) json[name] = Json::array();
  for (const auto& group : groups_of(study.slides)) {
    auto one = of_group(study, group, report.agreement);
    if (group.level == "total") {
      json["total"] = std::move(one);
    } else {
      json[group.level + "s"].push_back(std::move(one));
    }
  }
  json["per_slide"] = kSlidesFile;
  report.slides = slides_csv(study);
  // File names need not be UTF-8: what is not is shown as a replacement character.
  report.json = json_text(json);
  return report;
}

OutputFiles files(Report report) {
  return {{kAgreementFile, std::move(report.agreement)},
          {kSlidesFile, std::move(report.slides)},
          {kReportFile, std::move(report.json)}};
}

}  // namespace mito::evaluate_outcome
