#include "nodes/outcome/counting/counting.h"

#include <nlohmann/json.hpp>

#include "engine/core/json_text.h"
#include "engine/core/version.h"
#include "engine/types/report.h"
#include "nodes/outcome/study/hotspot_top.h"

namespace mito::counting {
namespace {

using Json = nlohmann::ordered_json;

Json interval_json(const std::optional<stats::Interval>& interval) {
  return interval ? Json({interval->low, interval->high}) : Json();
}

Json top_json(const Params& params, const DetectionSet& detections) {
  const Grid& grid = detections.grid;
  std::vector<stats::GridPosition> points;
  points.reserve(detections.items.size());
  for (const auto& detection : detections.items) {
    const PointL0 at = grid.from_level0(detection.center);
    points.push_back({at.x, at.y});
  }
  const double step = params.step_um / grid.mpp;
  const double radius = stats::hotspot_radius_px(params.area_mm2, grid.mpp);
  const auto counts = stats::count_within(points, static_cast<double>(grid.width),
                                          static_cast<double>(grid.height), step, radius);
  Json out = Json::array();
  for (const auto& place : stats::top_places(counts, radius, params.top)) {
    const PointL0 at = grid.to_level0(static_cast<double>(place.column) * step,
                                      static_cast<double>(place.row) * step);
    out.push_back({{"x", at.x},
                   {"y", at.y},
                   {"count", place.count},
                   {"per_mm2", place.count / params.area_mm2}});
  }
  return out;
}

Json uncertainty_json(const Params& params,
                      const DetectionSet& detections,
                      const TissueMask* mask,
                      const study::ScoreCalibration& calibration) {
  const auto found = study::uncertainty(params, detections, mask, calibration);
  return {{"probabilities", calibration.name().empty() ? "scores as they are"
                                                       : "calibrated by " + calibration.name()},
          {"level", 0.95},
          {"replicates", params.replicates},
          {"seed", params.seed},
          {"expected_mitoses", found.expected},
          {"mitoses", interval_json(found.detections)},
          {"count_max", interval_json(found.count_max)},
          {"count_p95", interval_json(found.count_p95)}};
}

}  // namespace

std::string to_json(const Params& params,
                    const std::string& slide,
                    const DetectionSet& detections,
                    const TissueMask* mask,
                    const study::ScoreCalibration& calibration) {
  const auto hotspot = stats::find_hotspot(detections, mask, params);
  const auto count = static_cast<double>(detections.items.size());
  const bool has_tissue = mask != nullptr && mask->area_mm2 > 0;
  const Json out{{"program", "mitoloom"},
                 {"version", std::string(version())},
                 {"not_a_medical_device", kNotAMedicalDevice},
                 {"slide", slide},
                 {"detections", detections.items.size()},
                 {"tissue_mm2", mask == nullptr ? Json() : Json(mask->area_mm2)},
                 {"per_mm2", has_tissue ? Json(count / mask->area_mm2) : Json()},
                 {"hotspot",
                  {{"area_mm2", params.area_mm2},
                   {"step_um", params.step_um},
                   {"percentile", params.percentile},
                   {"exclude", params.exclude},
                   {"count_max", hotspot.count_max},
                   {"count_p95", hotspot.count_p95},
                   {"max_per_mm2", static_cast<double>(hotspot.count_max) / params.area_mm2},
                   {"p95_per_mm2", hotspot.count_p95 / params.area_mm2}}},
                 {"densest", top_json(params, detections)},
                 {"uncertainty", uncertainty_json(params, detections, mask, calibration)}};
  return json_text(out);
}

}  // namespace mito::counting
