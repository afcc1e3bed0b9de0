#include "nodes/outcome/tune_detection/tune_detection.h"

#include <limits>
#include <optional>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/stats/threshold_curves.h"

namespace mito::tune_detection {
namespace {

double or_nan(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

NumberTable table_of(const std::vector<stats::CurvePoint>& curve) {
  NumberTable out{{"threshold", "tp", "fp", "fn", "precision", "recall", "f1"}, {}};
  for (const auto& [threshold, counts] : curve)
    out.values.insert(out.values.end(),
                      {threshold, static_cast<double>(counts.tp), static_cast<double>(counts.fp),
                       static_cast<double>(counts.fn), or_nan(counts.precision()),
                       or_nan(counts.recall()), or_nan(counts.f1())});
  return out;
}

void require_known(const Params& params, const std::vector<stats::CohortSlide>& cohort) {
  if (cohort.empty()) throw DataError("there is no slide to tune on");
  for (const auto& slide : cohort)
    if (slide.lowest_score > params.lowest)
      throw DataError(fmt::format(
          "slide '{}' has only detections from {} on, but thresholds from {} on are to be tried; "
          "lower min_probability of the node that made them",
          slide.name, number_text(slide.lowest_score), number_text(params.lowest)));
}

}  // namespace

std::string check(const Params& params) {
  if (params.lowest <= params.highest) return "";
  return "lowest must not be above highest, got " + number_text(params.lowest) + " and " +
         number_text(params.highest);
}

Tuning tune(const Params& params, const std::vector<stats::CohortSlide>& cohort) {
  require_known(params, cohort);
  const auto thresholds = stats::threshold_grid(params.lowest, params.highest, params.step);
  const auto curve = stats::any_hit_curve(stats::images_of(cohort), params.match_um, thresholds);
  std::vector<std::optional<double>> f1;
  f1.reserve(curve.size());
  for (const auto& point : curve) f1.push_back(point.counts.f1());
  const auto best = stats::first_maximum(f1);
  if (!best)
    throw DataError("no threshold has an F1: the tuning cases have neither mitoses nor detections");

  Tuning out;
  out.measure = "f1";
  out.rule = fmt::format("{} within {} um", stats::name(stats::MatchRule::AnyHit),
                         number_text(params.match_um));
  out.min_probability = thresholds[best->index];
  out.value = best->value;
  for (const auto& [name, slides] : stats::slides_per_case(cohort)) out.cases.push_back(name);
  out.images = stats::files_seen(cohort);
  out.warnings = stats::warnings_of(*best, thresholds, "F1");
  out.delta_curve = table_of(curve);
  return out;
}

}  // namespace mito::tune_detection
