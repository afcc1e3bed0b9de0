#pragma once
#include <cstdint>
#include <vector>

#include "engine/stats/hotspot.h"

namespace mito::stats {

/// A position of the circle and what it holds.
struct HotspotPlace {
  std::int64_t column = 0;
  std::int64_t row = 0;
  std::int32_t count = 0;
};

/// The `most` densest places whose circles of `radius` (in the unit of `counts.step`) do not
/// touch, so that no detection counts twice, densest first: the position with the highest count
/// (ties: first row, then column), then the highest of those more than two radii away from it, and
/// so on (method 14). Positions without a detection are no places.
std::vector<HotspotPlace> top_places(const GridCounts& counts, double radius, int most);

}  // namespace mito::stats
