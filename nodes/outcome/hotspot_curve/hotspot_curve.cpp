#include "nodes/outcome/hotspot_curve/hotspot_curve.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/stats/threshold_curves.h"
#include "engine/types/cases.h"

namespace mito::hotspot_curve {

namespace {

/// The grid, and the network's own threshold where the detections go down to it.
std::vector<double> thresholds_of(const Params& params,
                                  const std::optional<double>& own,
                                  double lowest_score) {
  constexpr double kSame = 1e-9;
  auto out = stats::threshold_grid(params.lowest, params.highest, params.step);
  const auto is_own = [&](double threshold) { return std::abs(threshold - *own) < kSame; };
  if (own && *own >= lowest_score && std::ranges::none_of(out, is_own))
    out.insert(std::ranges::upper_bound(out, *own), *own);
  return out;
}

}  // namespace

std::string check(const Params& params) {
  if (params.lowest > params.highest)
    return "lowest must not be above highest, got " + number_text(params.lowest) + " and " +
           number_text(params.highest);
  return check_case_pattern(params.case_pattern);
}

stats::SlideCounts count(const Params& params,
                         const SlideInfo& slide,
                         const DetectionSet& detections,
                         const TissueMask* mask,
                         const CohortTable& cohort,
                         const std::optional<double>& own) {
  const auto thresholds = thresholds_of(params, own, detections.min_probability);
  if (detections.min_probability > params.lowest)
    throw DataError(fmt::format(
        "slide '{}' has only detections from {} on, but thresholds from {} on are to be counted; "
        "lower min_probability of the node that made them",
        slide.name, number_text(detections.min_probability), number_text(params.lowest)));
  stats::SlideCounts out;
  static_cast<stats::CohortMember&>(out) =
      stats::member_of(params.case_pattern, slide.name, slide.path, "", &cohort);
  out.identity = slide.identity;
  out.bytes = file_bytes(slide.path);
  const auto& row = cohort.row_of(slide.path, out.case_id);
  out.grade = row.grade;
  out.proliferation = row.proliferation;
  out.thresholds = thresholds;

  DetectionSet kept = detections;
  bool fresh = true;
  for (const double threshold : out.thresholds) {
    const auto dropped =
        std::erase_if(kept.items, [&](const Detection& d) { return d.score < threshold; });
    // Sliding the circle is the cost: not again for the same detections.
    if (fresh || dropped > 0)
      out.counts.push_back(stats::find_hotspot(kept, mask, params.hotspot).count_p95);
    else
      out.counts.push_back(out.counts.back());
    fresh = false;
  }
  return out;
}

}  // namespace mito::hotspot_curve
