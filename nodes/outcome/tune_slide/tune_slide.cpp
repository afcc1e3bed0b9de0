#include "nodes/outcome/tune_slide/tune_slide.h"

#include <limits>
#include <optional>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/stats/agreement.h"
#include "engine/stats/threshold_curves.h"

namespace mito::tune_slide {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

void require_equal_thresholds(const std::vector<stats::SlideCounts>& slides) {
  if (slides.empty()) throw DataError("there is no slide to tune on");
  for (const auto& slide : slides)
    if (slide.thresholds != slides.front().thresholds)
      throw DataError(fmt::format("slides '{}' and '{}' were counted at different thresholds",
                                  slides.front().name, slide.name));
}

void tune_delta(const std::vector<stats::SlideCounts>& slides, Tuning& out) {
  std::vector<double> reference;
  for (const auto& slide : slides)
    if (slide.proliferation) reference.push_back(*slide.proliferation);
  const auto& thresholds = slides.front().thresholds;
  std::vector<std::optional<double>> curve;
  out.delta_curve.columns = {"threshold", "spearman"};
  for (std::size_t t = 0; t < thresholds.size(); ++t) {
    std::vector<double> counts;
    for (const auto& slide : slides)
      if (slide.proliferation) counts.push_back(slide.counts[t]);
    curve.push_back(stats::spearman(counts, reference));
    out.delta_curve.values.insert(out.delta_curve.values.end(),
                                  {thresholds[t], curve.back().value_or(kUndefined)});
  }
  const auto best = stats::first_maximum(curve);
  if (!best)
    throw DataError(fmt::format(
        "no threshold has a Spearman correlation: {} of {} slides have a reference proliferation "
        "score, and at every threshold these scores or the counts are all the same",
        reference.size(), slides.size()));
  out.measure = "spearman";
  out.rule = fmt::format("hotspot count of {} slides with a reference score", reference.size());
  out.min_probability = thresholds[best->index];
  out.value = best->value;
  out.warnings = stats::warnings_of(*best, thresholds, "Spearman correlation");
}

/// That a pair of thresholds is one of several, or at the end of all counts.
void warn_of_pairs(const std::vector<stats::GradePoint>& curve,
                   const stats::GradePoint& best,
                   Tuning& out) {
  constexpr double kSame = 1e-12;
  std::size_t equal = 0;
  for (const auto& point : curve) equal += point.kappa && *point.kappa >= *best.kappa - kSame;
  if (equal > 1)
    out.warnings.push_back(fmt::format(
        "the highest kappa is the same for {} pairs of counts: the first was taken", equal));
  if (best.theta1 == 0 || best.theta2 == curve.back().theta2)
    out.warnings.push_back(fmt::format(
        "the highest kappa is at an end of the counts (theta1 {}, theta2 {}): a grade is hardly "
        "used",
        best.theta1, best.theta2));
}

void tune_grades(const std::vector<stats::SlideCounts>& slides, Tuning& out) {
  std::vector<double> counts;
  std::vector<int> grades;
  for (const auto& slide : slides) {
    if (!slide.grade) continue;
    counts.push_back(stats::count_at(slide, out.min_probability));
    grades.push_back(*slide.grade);
  }
  const auto curve = stats::grade_curve(counts, grades);
  const auto best = stats::best(curve);
  if (!best) {
    out.warnings.push_back(fmt::format(
        "theta1 and theta2 were not chosen: {} of {} slides have a reference grade, and no pair "
        "of counts has a kappa",
        grades.size(), slides.size()));
    return;
  }
  out.grade_curve.columns = {"theta1", "theta2", "kappa"};
  for (const auto& point : curve)
    out.grade_curve.values.insert(out.grade_curve.values.end(), {static_cast<double>(point.theta1),
                                                                 static_cast<double>(point.theta2),
                                                                 point.kappa.value_or(kUndefined)});
  out.has_grades = true;
  out.grade1_max_count = best->theta1;
  out.grade2_max_count = best->theta2;
  out.kappa = *best->kappa;
  warn_of_pairs(curve, *best, out);
}

}  // namespace

Tuning tune(std::vector<stats::SlideCounts> slides) {
  stats::sort_slides(slides);
  require_equal_thresholds(slides);
  Tuning out;
  tune_delta(slides, out);
  tune_grades(slides, out);
  for (const auto& [name, members] : stats::slides_per_case(slides)) out.cases.push_back(name);
  out.images = stats::files_seen(slides);
  return out;
}

}  // namespace mito::tune_slide
