#include "engine/stats/hotspot.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

/// Number of k = 0, 1, ... with k * step < size.
std::int64_t positions(double size, double step) {
  auto n = static_cast<std::int64_t>(std::ceil(size / step));
  while (n > 0 && static_cast<double>(n - 1) * step >= size) --n;
  while (static_cast<double>(n) * step < size) ++n;
  return n;
}

/// Adds 1 at the first position of each row's chord and takes it away behind the last.
void add_disc(std::vector<std::int32_t>& steps,
              const GridCounts& counts,
              const GridPosition& at,
              double radius) {
  const double s = counts.step;
  const auto index = [&](double position) {
    return static_cast<std::int64_t>(std::floor(position / s));
  };
  const auto top = std::max<std::int64_t>(0, index(at.y - radius));
  const auto bottom = std::min(counts.rows - 1, index(at.y + radius) + 1);
  for (auto row = top; row <= bottom; ++row) {
    const double dy = static_cast<double>(row) * s - at.y;
    if (dy * dy > radius * radius) continue;
    const auto inside = [&](std::int64_t column) {
      const double dx = static_cast<double>(column) * s - at.x;
      return dx * dx + dy * dy <= radius * radius;
    };
    // The chord's ends by square root may be one position off: the definition decides.
    const double half = std::sqrt(radius * radius - dy * dy);
    auto first = index(at.x - half) - 1;
    auto last = index(at.x + half) + 1;
    while (first <= last && !inside(first)) ++first;
    while (last >= first && !inside(last)) --last;
    first = std::max<std::int64_t>(0, first);
    last = std::min(counts.columns - 1, last);
    if (first > last) continue;
    auto* line = &steps[static_cast<std::size_t>(row * (counts.columns + 1))];
    ++line[first];
    --line[last + 1];
  }
}

bool is_within(const GridPosition& a, const GridPosition& b, double radius) {
  const double dx = a.x - b.x;
  const double dy = a.y - b.y;
  return dx * dx + dy * dy <= radius * radius;
}

GridPosition on_grid(const Grid& grid, const PointL0& at) {
  const PointL0 g = grid.from_level0(at);
  return {g.x, g.y};
}

/// What a hotspot counts, and what it would count elsewhere.
struct Shares {
  std::vector<GridPosition> inside;
  std::vector<GridPosition> outside;

  /// Does a circle around `at` hold all that is inside, and nothing else?
  bool same_from(const GridPosition& at, double radius) const {
    const auto reached = [&](const GridPosition& point) { return is_within(at, point, radius); };
    return std::ranges::all_of(inside, reached) && std::ranges::none_of(outside, reached);
  }
};

Shares shares_of(const Hotspot& hotspot, const DetectionSet& detections) {
  Shares out;
  for (const auto& detection : detections.items) {
    if (detection.score < hotspot.min_probability) continue;
    auto& share = is_counted(hotspot, detections.grid, detection) ? out.inside : out.outside;
    share.push_back(on_grid(detections.grid, detection.center));
  }
  return out;
}

/// Places of a raster, on the grid, from which the circle holds what is inside, and nothing else.
std::vector<GridPosition> places_of(const Shares& shares, const Grid& grid, double radius) {
  constexpr int kAlongEachSide = 64;
  GridPosition low;
  GridPosition high{static_cast<double>(grid.width - 1), static_cast<double>(grid.height - 1)};
  for (const auto& at : shares.inside) {
    low = {std::max(low.x, at.x - radius), std::max(low.y, at.y - radius)};
    high = {std::min(high.x, at.x + radius), std::min(high.y, at.y + radius)};
  }
  std::vector<GridPosition> out;
  for (int i = 0; i < kAlongEachSide; ++i)
    for (int j = 0; j < kAlongEachSide; ++j) {
      const GridPosition at{low.x + (high.x - low.x) * (j + 0.5) / kAlongEachSide,
                            low.y + (high.y - low.y) * (i + 0.5) / kAlongEachSide};
      if (shares.same_from(at, radius)) out.push_back(at);
    }
  return out;
}

GridPosition mean_of(const std::vector<GridPosition>& places) {
  GridPosition sum;
  for (const auto& at : places) sum = {sum.x + at.x, sum.y + at.y};
  const auto count = static_cast<double>(places.size());
  return {sum.x / count, sum.y / count};
}

}  // namespace

double hotspot_radius_px(double area_mm2, double mpp) {
  return std::sqrt(area_mm2 / std::numbers::pi) * 1000.0 / mpp;
}

GridCounts count_within(std::span<const GridPosition> detections,
                        double width,
                        double height,
                        double step,
                        double radius) {
  GridCounts counts{step, positions(width, step), positions(height, step), {}};
  std::vector<std::int32_t> steps(static_cast<std::size_t>((counts.columns + 1) * counts.rows));
  for (const auto& at : detections) add_disc(steps, counts, at, radius);
  counts.values.reserve(static_cast<std::size_t>(counts.columns * counts.rows));
  for (std::int64_t row = 0; row < counts.rows; ++row) {
    std::int32_t sum = 0;
    for (std::int64_t column = 0; column < counts.columns; ++column) {
      sum += steps[static_cast<std::size_t>(row * (counts.columns + 1) + column)];
      counts.values.push_back(sum);
    }
  }
  return counts;
}

HotspotScore hotspot_score(const GridCounts& counts,
                           double percentile,
                           const std::function<bool(std::int64_t, std::int64_t)>& included) {
  std::vector<std::int32_t> values;
  for (std::int64_t row = 0; row < counts.rows; ++row) {
    for (std::int64_t column = 0; column < counts.columns; ++column) {
      if (included(column, row)) values.push_back(counts.at(column, row));
    }
  }
  if (values.empty()) return {};
  const double rank = percentile / 100.0 * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::ptrdiff_t>(std::floor(rank));
  std::nth_element(values.begin(), values.begin() + low, values.end());
  const double below = values[static_cast<std::size_t>(low)];
  const auto next = std::min_element(values.begin() + low + 1, values.end());
  const double above = next == values.end() ? below : static_cast<double>(*next);
  return {below + (above - below) * (rank - static_cast<double>(low)),
          static_cast<std::int64_t>(values.size())};
}

bool is_counted(const Hotspot& hotspot, const Grid& grid, const Detection& detection) {
  return hotspot.count_max > 0 && detection.score >= hotspot.min_probability &&
         is_within(on_grid(grid, hotspot.center), on_grid(grid, detection.center),
                   hotspot.radius_um / grid.mpp);
}

PointL0 drawn_center(const Hotspot& hotspot, const DetectionSet& detections) {
  const Grid& grid = detections.grid;
  const double radius = hotspot.radius_um / grid.mpp;
  const Shares shares = shares_of(hotspot, detections);
  if (shares.inside.empty()) return hotspot.center;
  const auto places = places_of(shares, grid, radius);
  if (places.empty()) return hotspot.center;
  const GridPosition mean = mean_of(places);
  if (shares.same_from(mean, radius)) return grid.to_level0(mean.x, mean.y);
  const auto nearest = std::ranges::min_element(
      places, {}, [&](const auto& at) { return std::hypot(at.x - mean.x, at.y - mean.y); });
  return grid.to_level0(nearest->x, nearest->y);
}

Hotspot find_hotspot(const DetectionSet& detections,
                     const TissueMask* mask,
                     const HotspotParams& params) {
  if (params.exclude == "background" && mask == nullptr)
    throw DataError("exclude 'background' needs the tissue mask: connect the input 'mask'");
  const Grid& grid = detections.grid;
  std::vector<GridPosition> points;
  points.reserve(detections.items.size());
  for (const auto& detection : detections.items) {
    const PointL0 at = grid.from_level0(detection.center);
    points.push_back({at.x, at.y});
  }
  const double step = params.step_um / grid.mpp;
  const GridCounts counts =
      count_within(points, static_cast<double>(grid.width), static_cast<double>(grid.height), step,
                   hotspot_radius_px(params.area_mm2, grid.mpp));
  const HotspotScore result =
      hotspot_score(counts, params.percentile, [&](std::int64_t column, std::int64_t row) {
        if (params.exclude == "zero") return counts.at(column, row) > 0;
        if (params.exclude == "none") return true;
        return mask->covers(grid, std::llround(static_cast<double>(column) * step),
                            std::llround(static_cast<double>(row) * step));
      });

  Hotspot out;
  out.min_probability = detections.min_probability;
  out.count_p95 = result.percentile;
  out.positions = result.positions;
  out.area_mm2 = params.area_mm2;
  out.radius_um = hotspot_radius_px(params.area_mm2, 1.0);
  const auto highest = std::max_element(counts.values.begin(), counts.values.end());
  if (highest == counts.values.end()) return out;
  const auto at = highest - counts.values.begin();
  out.count_max = *highest;
  const std::int64_t row = at / counts.columns;
  out.center = grid.to_level0(static_cast<double>(at % counts.columns) * step,
                              static_cast<double>(row) * step);
  return out;
}

}  // namespace mito::stats
