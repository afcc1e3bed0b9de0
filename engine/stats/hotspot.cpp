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
