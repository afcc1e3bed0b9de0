#pragma once
#include <string>

#include "engine/core/params.h"
#include "engine/stats/hotspot.h"
#include "engine/types/pathology.h"
#include "nodes/outcome/study/count_uncertainty.h"

namespace mito::counting {

struct Params : study::UncertaintyParams {
  int top = 5;

  static void describe(auto& p, auto&& field) {
    stats::HotspotParams::describe(p, field);
    field("top", p.top,
          {.range = {1, 1000}, .doc = "Densest places to list; their circles do not overlap."});
    study::UncertaintyParams::describe_resamples(p, field);
  }
};

/// The report: detections per mm2 of tissue, the hotspot's maximum and percentile per circle and
/// per mm2, the densest places, and how sure the counts are. What is undefined is null.
std::string to_json(const Params& params,
                    const std::string& slide,
                    const DetectionSet& detections,
                    const TissueMask* mask,
                    const study::ScoreCalibration& calibration);

inline constexpr const char* kFile = "counting.json";

}  // namespace mito::counting
