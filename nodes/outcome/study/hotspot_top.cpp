#include "nodes/outcome/study/hotspot_top.h"

#include <algorithm>
#include <functional>

namespace mito::stats {

std::vector<HotspotPlace> top_places(const GridCounts& counts, double radius, int most) {
  std::vector<HotspotPlace> places;
  for (std::int64_t row = 0; row < counts.rows; ++row)
    for (std::int64_t column = 0; column < counts.columns; ++column)
      if (counts.at(column, row) > 0) places.push_back({column, row, counts.at(column, row)});
  std::ranges::stable_sort(places, std::greater{}, &HotspotPlace::count);

  std::vector<HotspotPlace> out;
  for (const auto& place : places) {
    if (static_cast<int>(out.size()) >= most) break;
    const auto touches = [&](const HotspotPlace& other) {
      const double dx = static_cast<double>(place.column - other.column) * counts.step;
      const double dy = static_cast<double>(place.row - other.row) * counts.step;
      return dx * dx + dy * dy <= 4 * radius * radius;
    };
    if (std::ranges::none_of(out, touches)) out.push_back(place);
  }
  return out;
}

}  // namespace mito::stats
