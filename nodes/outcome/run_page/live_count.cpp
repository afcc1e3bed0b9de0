#include "nodes/outcome/run_page/live_count.h"

#include <algorithm>
#include <cmath>

#include "engine/stats/hotspot.h"
#include "engine/stats/threshold_curves.h"
#include "engine/types/report.h"

namespace mito::run_page {
namespace {

using Json = nlohmann::ordered_json;

/// Lengths of runs of positions off and on tissue in turn, row by row; the first may be 0.
Json tissue_runs(const stats::GridCounts& positions, const Grid& grid, const TissueMask& mask) {
  Json runs = Json::array();
  bool on = false;
  std::int64_t run = 0;
  for (std::int64_t row = 0; row < positions.rows; ++row) {
    for (std::int64_t column = 0; column < positions.columns; ++column) {
      const bool here =
          mask.covers(grid, std::llround(static_cast<double>(column) * positions.step),
                      std::llround(static_cast<double>(row) * positions.step));
      if (here != on) {
        runs.push_back(run);
        run = 0;
        on = here;
      }
      ++run;
    }
  }
  runs.push_back(run);
  return runs;
}

std::string doubt_of(const CountParams& params,
                     const DetectionSet& detections,
                     const TissueMask& mask,
                     const Hotspot& hotspot,
                     const Grade& grade) {
  const Hotspot own = stats::find_hotspot(counted(params, detections), &mask, params);
  if (own.count_p95 != hotspot.count_p95 || own.count_max != hotspot.count_max ||
      own.center != hotspot.center || own.positions != hotspot.positions ||
      own.area_mm2 != hotspot.area_mm2)
    return "The hotspot of this run was found with other parameters than this page knows. Give its "
           "area_mm2, step_um, percentile, exclude and min_probability to the page, too.";
  if (stats::grade_of_count(own.count_p95, params.grade1_max_count, params.grade2_max_count) !=
      grade.grade)
    return "The grade of this run was made with other parameters than this page knows. Give its "
           "grade1_max_count and grade2_max_count to the page, too.";
  return "";
}

}  // namespace

DetectionSet at_threshold(DetectionSet detections, double threshold) {
  std::erase_if(detections.items, [&](const Detection& d) { return d.score < threshold; });
  detections.min_probability = std::max(threshold, detections.min_probability);
  return detections;
}

DetectionSet counted(const CountParams& params, const DetectionSet& detections) {
  return params.min_probability ? at_threshold(detections, *params.min_probability) : detections;
}

Json live_rule(const CountParams& params,
               const DetectionSet& detections,
               const TissueMask& mask,
               const Hotspot& hotspot,
               const Grade& grade) {
  const Grid& grid = detections.grid;
  const double step = params.step_um / grid.mpp;
  const auto width = static_cast<double>(grid.width);
  const auto height = static_cast<double>(grid.height);
  const double radius = stats::hotspot_radius_px(params.area_mm2, grid.mpp);
  Json rule{{"width", grid.width},
            {"height", grid.height},
            {"step", step},
            {"radius", radius},
            {"area_mm2", params.area_mm2},
            {"percentile", params.percentile},
            {"exclude", params.exclude},
            {"min_probability", number_or_null(params.min_probability)},
            {"grade1_max_count", params.grade1_max_count},
            {"grade2_max_count", params.grade2_max_count},
            {"doubt", text_or_null(doubt_of(params, detections, mask, hotspot, grade))}};
  if (params.exclude == "background")
    rule["on_tissue"] =
        tissue_runs(stats::count_within({}, width, height, step, radius), grid, mask);
  return rule;
}

}  // namespace mito::run_page
