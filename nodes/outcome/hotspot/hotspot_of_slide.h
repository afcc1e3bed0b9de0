#pragma once
#include <optional>

#include "engine/core/params.h"
#include "engine/stats/hotspot.h"
#include "engine/types/pathology.h"

namespace mito::hotspot {

struct Params : stats::HotspotParams {
  std::optional<double> min_probability = {};

  static void describe(auto& p, auto&& field) {
    stats::HotspotParams::describe(p, field);
    field("min_probability", p.min_probability,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .origin = Origin::Paper,
           .affects = Affects::Addition,
           .doc = "Threshold delta of the grade: only detections with at least this score are "
                  "counted, in the paper 0.970, where detections begin at 0.919 (Sec. V). Without "
                  "it all of them."});
  }
};

/// The hotspot of a slide's detections (Sec. IV-D, method 9.3, 9.4). `mask` may be null unless
/// `exclude` is background. Throws DataError when the detections start above `min_probability`.
Hotspot find(const Params& params, DetectionSet detections, const TissueMask* mask);

}  // namespace mito::hotspot
