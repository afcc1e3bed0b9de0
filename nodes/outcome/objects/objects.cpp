#include "nodes/outcome/objects/objects.h"

#include <algorithm>
#include <utility>

#include "engine/core/error.h"

namespace mito::objects {
namespace {

void check_size(const ProbabilityTile& tile) {
  if (!tile.probability.empty() &&
      tile.probability.size() != static_cast<std::size_t>(tile.columns() * tile.rows()))
    throw DataError("the probabilities do not match the size of their tile");
}

bool is_peak(const ProbabilityTile& tile, std::int64_t column, std::int64_t row) {
  const auto columns = tile.columns();
  const auto at = [&](std::int64_t x, std::int64_t y) {
    return tile.probability[static_cast<std::size_t>(y * columns + x)];
  };
  const float own = at(column, row);
  for (std::int64_t y = std::max<std::int64_t>(0, row - 1); y <= std::min(tile.rows() - 1, row + 1);
       ++y)
    for (std::int64_t x = std::max<std::int64_t>(0, column - 1);
         x <= std::min(columns - 1, column + 1); ++x) {
      const bool is_earlier = y < row || (y == row && x < column);
      if (at(x, y) > own || (is_earlier && at(x, y) == own)) return false;
    }
  return true;
}

}  // namespace

void Collected::add_peaks(const ProbabilityTile& tile, double binarise) {
  check_size(tile);
  const auto columns = tile.columns();
  for (std::size_t i = 0; i < tile.probability.size(); ++i) {
    const double p = static_cast<double>(tile.probability[i]);
    const auto at = static_cast<std::int64_t>(i);
    if (p < binarise || p <= 0 || !is_peak(tile, at % columns, at / columns)) continue;
    points.push_back({tile.core.x + ProbabilityTile::kStride * (at % columns),
                      tile.core.y + ProbabilityTile::kStride * (at / columns), p});
  }
  ProbabilityTile rest;
  rest.points = tile.points;
  add(rest, binarise);
}

void Collected::add(const ProbabilityTile& tile, double binarise) {
  check_size(tile);
  const auto columns = tile.columns();
  for (std::size_t i = 0; i < tile.probability.size(); ++i) {
    const double p = static_cast<double>(tile.probability[i]);
    if (p < binarise || p <= 0) continue;
    const auto at = static_cast<std::int64_t>(i);
    dense.push_back({tile.core.x + ProbabilityTile::kStride * (at % columns),
                     tile.core.y + ProbabilityTile::kStride * (at / columns), p});
  }
  for (const auto& point : tile.points) {
    const double p = static_cast<double>(point.probability);
    if (p >= binarise && p > 0) points.push_back({point.grid_x, point.grid_y, p});
  }
}

Params for_model(Params params, double threshold) {
  if (!params.binarise) params.binarise = std::min(kPaperBinarise, threshold);
  if (!params.min_probability) params.min_probability = threshold;
  return params;
}

DetectionSet detections(Collected collected, const Grid& grid, const Params& params) {
  const auto position = params.position == "argmax" ? Position::Argmax : Position::Centroid;
  auto found = connect(std::move(collected.dense), ProbabilityTile::kStride, position);
  for (const auto& point : collected.points) {
    found.push_back(
        {static_cast<double>(point.x), static_cast<double>(point.y), point.probability, 1});
  }
  DetectionSet out;
  out.grid = grid;
  const double threshold = params.min_probability.value_or(kPaperThreshold);
  // What lies below `binarise` is no object, whatever the threshold says.
  out.min_probability = std::max(threshold, params.binarise.value_or(kPaperBinarise));
  out.objects = static_cast<std::int64_t>(found.size());
  for (const auto& object : suppress(std::move(found), params.min_distance_um / grid.mpp)) {
    if (object.score < threshold) break;  // best first
    out.items.push_back({grid.to_level0(object.x, object.y), object.score, object.pixels});
  }
  return out;
}

}  // namespace mito::objects
