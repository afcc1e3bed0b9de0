#pragma once
#include <optional>
#include <string>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/stats/cohort.h"
#include "engine/stats/hotspot.h"
#include "engine/types/cohort_table.h"
#include "engine/types/pathology.h"

namespace mito::hotspot_curve {

struct Params {
  stats::HotspotParams hotspot = {};
  double lowest = 0.8;
  double highest = 0.999;
  double step = 0.001;
  std::string case_pattern = {};

  static void describe(auto& p, auto&& field) {
    stats::HotspotParams::describe(p.hotspot, field);
    field("lowest", p.lowest,
          {.unit = Unit::Probability, .range = {0, 1}, .doc = "First threshold delta."});
    field("highest", p.highest,
          {.unit = Unit::Probability, .range = {0, 1}, .doc = "Last threshold delta."});
    field("step", p.step,
          {.unit = Unit::Probability, .range = {1e-6, 1}, .doc = "Distance of the thresholds."});
    field("case_pattern", p.case_pattern, stats::case_pattern_field());
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// The score of the hotspot (method 9.4) of the detections with score >= delta for every delta of
/// the grid and for `own`, the threshold of the network, if the detections go down to it, beside
/// the slide's reference grade and proliferation score in `cohort`, of which either may be missing.
/// `mask` may be null unless `exclude` is background. Throws DataError when the detections start
/// above `lowest` or `cohort` has no row for the slide.
stats::SlideCounts count(const Params& params,
                         const SlideInfo& slide,
                         const DetectionSet& detections,
                         const TissueMask* mask,
                         const CohortTable& cohort,
                         const std::optional<double>& own = {});

}  // namespace mito::hotspot_curve
