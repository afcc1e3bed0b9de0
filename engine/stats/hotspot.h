#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/pathology.h"

namespace mito::stats {

struct HotspotParams {
  double area_mm2 = 2.0;
  double step_um = 25;
  double percentile = 95;
  std::string exclude = "zero";

  static void describe(auto& p, auto&& field) {
    field("area_mm2", p.area_mm2,
          {.unit = Unit::SquareMillimetre,
           .range = {0.01, 100},
           .origin = Origin::Paper,
           .doc = "Area of the circle (Sec. IV-D)."});
    field("step_um", p.step_um,
          {.unit = Unit::Micron, .range = {5, 1000}, .doc = "Distance of the circle's positions."});
    field("percentile", p.percentile,
          {.range = {0, 100},
           .origin = Origin::Paper,
           .doc = "Percentile of the counts that is the slide's score (Sec. IV-D)."});
    field("exclude", p.exclude,
          {.choices = {"zero", "background", "none"},
           .doc = "Positions the percentile leaves out: those without a mitosis, those off tissue "
                  "(needs the input `mask`), or none. The paper excludes 'empty areas'."});
  }
};

/// Radius of a circle of `area_mm2` in pixels of `mpp` um.
double hotspot_radius_px(double area_mm2, double mpp);

/// A position in pixels of the analysis grid.
struct GridPosition {
  double x = 0;
  double y = 0;
};

/// Detections within `radius` (<=) of the positions x = 0, step, 2 step, ... < width, y likewise.
struct GridCounts {
  double step = 0;
  std::int64_t columns = 0;
  std::int64_t rows = 0;
  std::vector<std::int32_t> values;  ///< [rows][columns]

  std::int32_t at(std::int64_t column, std::int64_t row) const {
    return values[static_cast<std::size_t>(row * columns + column)];
  }
};
GridCounts count_within(std::span<const GridPosition> detections,
                        double width,
                        double height,
                        double step,
                        double radius);

/// Percentile (linear interpolation) of the counts at the positions `included` says (column, row),
/// and how many those are. No position: 0.
struct HotspotScore {
  double percentile = 0;
  std::int64_t positions = 0;
};
HotspotScore hotspot_score(const GridCounts& counts,
                           double percentile,
                           const std::function<bool(std::int64_t, std::int64_t)>& included);

/// Is this one of the `count_max` detections of the hotspot: in its circle, and no less likely than
/// what was counted? `grid` is that of the detections.
bool is_counted(const Hotspot& hotspot, const Grid& grid, const Detection& detection);

/// Where the circle of the hotspot is drawn (method 9.4): the centre of mass of all places on the
/// slide from which it holds the same of `detections`, or the nearest of them. `center`, the first
/// of the positions that do, lies at their upper left end, where a few mitoses would stand at the
/// rim of their circle. `center` itself where none of `detections` is counted.
PointL0 drawn_center(const Hotspot& hotspot, const DetectionSet& detections);

/// Sec. IV-D, method 9.4. `mask` may be null unless `exclude` is background (throws DataError).
Hotspot find_hotspot(const DetectionSet& detections,
                     const TissueMask* mask,
                     const HotspotParams& params);

}  // namespace mito::stats
