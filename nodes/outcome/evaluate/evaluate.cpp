#include "nodes/outcome/evaluate/evaluate.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/stats/matching.h"
#include "engine/types/cases.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"

namespace mito::evaluate {
namespace {

using nlohmann::ordered_json;

/// The true mitoses of one slide.
struct Truth {
  std::vector<PointL0> points;
  std::int64_t other_labels = 0;   ///< Points of the slide that are no mitoses.
  std::int64_t outside_slide = 0;  ///< Counted as missed, but probably a mistake in the file.
};

/// Either the truth, or why there is none.
struct TruthOrReason {
  std::optional<Truth> truth;
  std::string reason;
  std::string warning = {};
};

bool is_inside(const Grid& grid, const PointL0& point) {
  const PointL0 at = grid.from_level0(point);
  return at.x >= -0.5 && at.y >= -0.5 && at.x < static_cast<double>(grid.width) - 0.5 &&
         at.y < static_cast<double>(grid.height) - 0.5;
}

/// Counts a marked object, or leaves it out by its label.
void take(Truth& truth,
          const Params& params,
          const Grid& grid,
          const PointL0& at,
          const std::string& label) {
  if (!label.empty() && std::ranges::count(params.truth_labels, label) == 0) {
    ++truth.other_labels;
    return;
  }
  if (!is_inside(grid, at)) ++truth.outside_slide;
  truth.points.push_back(at);
}

std::string names_others(const std::filesystem::path& file,
                         const std::vector<std::string>& names,
                         const Subject& subject) {
  constexpr std::size_t kMostNames = 3;
  std::string some;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
    some += (i == 0 ? "'" : ", '") + names[i] + "'";
  if (names.size() > kMostNames) some += ", ...";
  return "the truth in " + file.string() + " has no row of slide '" + subject.name + "' (" +
         subject.file.string() + "), so the slide is not evaluated; it names " +
         (some.empty() ? "no slide" : some) + did_you_mean(subject.name, names);
}

TruthOrReason read_truth(const Params& params,
                         const Grid& grid,
                         const Subject& subject,
                         const std::filesystem::path& file,
                         const ImageAnnotations* annotations) {
  Truth truth;
  if (annotations != nullptr) {
    if (!file.empty())
      throw DataError("slide '" + subject.name +
                      "' has its truth twice: connect either 'truth' or 'annotations'");
    for (const auto& item : annotations->items) take(truth, params, grid, item.center, item.label);
    return {std::move(truth), ""};
  }
  if (file.empty()) return {std::nullopt, "no truth was given"};
  const auto read = read_points(file);
  const auto points = points_of_slide(read, subject.file);
  if (!points)
    return {
        std::nullopt,
        file.filename().string() + " has no points of slide " + subject.file.filename().string(),
        names_others(file, named_slides(read), subject)};
  const PointL0 origin = params.truth_origin == "bounds" ? subject.bounds_corner : PointL0{};
  for (const auto& point : *points)
    take(truth, params, grid, {point.at.x + origin.x, point.at.y + origin.y}, point.label);
  return {std::move(truth), ""};
}

/// Positions in um, so that the radius means the same on both axes.
stats::Image in_microns(const DetectionSet& detections, const Truth& truth) {
  const double um_x = detections.grid.mpp / detections.grid.scale_x;
  const double um_y = detections.grid.mpp / detections.grid.scale_y;
  stats::Image image;
  for (const auto& point : truth.points) image.truths.push_back({point.x * um_x, point.y * um_y});
  for (const auto& detection : detections.items)
    image.claims.push_back({detection.center.x * um_x, detection.center.y * um_y, detection.score});
  return image;
}

ordered_json of_counts(const stats::Counts& counts) {
  ordered_json out{{"tp", counts.tp},
                   {"fp", counts.fp},
                   {"fn", counts.fn},
                   {"precision", number_or_null(counts.precision())},
                   {"recall", number_or_null(counts.recall())},
                   {"f1", number_or_null(counts.f1())}};
  ordered_json undefined = ordered_json::object();
  if (!counts.precision()) undefined["precision"] = "no detection counts";
  if (!counts.recall()) undefined["recall"] = "no true mitosis";
  if (!counts.f1()) undefined["f1"] = "neither detections that count nor true mitoses";
  if (!undefined.empty()) out["undefined"] = undefined;
  return out;
}

/// Thresholds from `lowest` up: method 10.2's grid of 0.01, every score, and `lowest` itself.
std::vector<double> thresholds(const stats::Image& image, double lowest) {
  std::set<double> out{lowest};
  for (int i = 0; i <= 100; ++i)
    if (i / 100.0 >= lowest) out.insert(i / 100.0);
  for (const auto& claim : image.claims)
    if (claim.score >= lowest) out.insert(claim.score);
  return {out.begin(), out.end()};
}

std::string curve_row(const stats::CurvePoint& point) {
  const auto text = [](const std::optional<double>& v) { return v ? number_text(*v) : ""; };
  const auto& c = point.counts;
  return number_text(point.threshold) + "," + std::to_string(c.tp) + "," + std::to_string(c.fp) +
         "," + std::to_string(c.fn) + "," + text(c.precision()) + "," + text(c.recall()) + "," +
         text(c.f1()) + "\n";
}

/// Summary of the curve; appends its rows to `csv`.
ordered_json of_curve(const stats::Image& image, double radius, double lowest, std::string& csv) {
  const std::vector<stats::Image> images{image};
  const auto curve = stats::any_hit_curve(images, radius, thresholds(image, lowest));
  for (const auto& point : curve) csv += curve_row(point);
  const auto best =
      stats::best(stats::any_hit_curve(images, radius, stats::distinct_scores(images)));
  ordered_json out{
      {"file", kCurveFile},
      {"rule", stats::name(stats::MatchRule::AnyHit)},
      {"lowest_threshold", lowest},
      {"note",
       "objects below lowest_threshold are not among the detections, so the curve starts "
       "there; its maximum was chosen on the same data and is optimistic"},
      {"best_threshold", best ? ordered_json(best->threshold) : ordered_json()},
      {"best_f1", number_or_null((best ? best->counts : curve.front().counts).f1())}};
  if (!best) {
    out["undefined"] = "no detections";
    return out;
  }
  out["best_is_lowest_score"] = best->threshold == stats::distinct_scores(images).front();
  out["width_within_95_percent"] = number_or_null(stats::plateau_width(curve));
  return out;
}

/// True, false, or null when it was not said where the threshold comes from.
ordered_json is_optimistic(const Params& params, const Subject& subject) {
  if (params.threshold_chosen_on == Params().threshold_chosen_on) return nullptr;
  return params.threshold_chosen_on == "same data" ||
         names_slide(params.threshold_chosen_on, subject.file);
}

}  // namespace

Report compare(const Params& params,
               const DetectionSet& detections,
               const Subject& subject,
               const std::filesystem::path& truth_file,
               const ImageAnnotations* annotations) {
  const auto found = read_truth(params, detections.grid, subject, truth_file, annotations);
  ordered_json json{{"slide", subject.name},
                    {"case", text_or_null(subject.case_id)},
                    {"cases", 1},
                    {"detections", detections.items.size()},
                    {"match_um", params.match_um},
                    {"threshold", detections.min_probability},
                    {"threshold_chosen_on", params.threshold_chosen_on},
                    {"optimistic", is_optimistic(params, subject)},
                    {"leak_check", leaks_json(subject.leaks)}};
  Report report;
  report.warning = found.warning;
  report.curve = "threshold,tp,fp,fn,precision,recall,f1\n";
  if (!found.truth) {
    json["truth"] = nullptr;
    json["reason"] = found.reason;
  } else {
    json["truth"] = {{"file", text_or_null(truth_file.filename().string())},
                     {"objects", found.truth->points.size()},
                     {"other_labels", found.truth->other_labels},
                     {"outside_slide", found.truth->outside_slide}};
    const auto image = in_microns(detections, *found.truth);
    for (const auto rule : stats::kMatchRules)
      json["rules"][std::string(stats::name(rule))] =
          of_counts(stats::match(image.truths, image.claims, params.match_um, rule));
    json["curve"] = of_curve(image, params.match_um, detections.min_probability, report.curve);
  }
  // File names need not be UTF-8: what is not is shown as a replacement character.
  report.json = json_text(json);
  return report;
}

std::string case_of_slide(const Params& params,
                          const std::string& name,
                          const ImageAnnotations* annotations) {
  return case_of(name, annotations == nullptr ? "" : annotations->case_id, params.case_pattern);
}

OutputFiles files(Report report) {
  return {{kCurveFile, std::move(report.curve)}, {kReportFile, std::move(report.json)}};
}

}  // namespace mito::evaluate
