#include "nodes/outcome/run_page/probability_overview.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"

namespace mito::run_page {
namespace {

constexpr std::int64_t kStride = ProbabilityTile::kStride;

}  // namespace

ProbabilityOverview::ProbabilityOverview(const Grid& analysis, const Grid& coarse)
    : analysis_(analysis) {
  const auto whole = [](std::int64_t size) { return (size + kStride - 1) / kStride * kStride; };
  out_.grid = coarse;
  out_.core = {0, 0, whole(coarse.width), whole(coarse.height)};
  out_.probability.resize(static_cast<std::size_t>(out_.columns() * out_.rows()));
}

void ProbabilityOverview::raise(double grid_x, double grid_y, float probability) {
  if (probability <= 0) return;
  const PointL0 at = out_.grid.from_level0(analysis_.to_level0(grid_x, grid_y));
  const auto cell = [](double position, std::int64_t cells) {
    const auto nearest = std::llround(position / static_cast<double>(kStride));
    return std::clamp<std::int64_t>(nearest, 0, cells - 1);
  };
  auto& value = out_.probability[static_cast<std::size_t>(cell(at.y, out_.rows()) * out_.columns() +
                                                          cell(at.x, out_.columns()))];
  value = std::max(value, probability);
}

void ProbabilityOverview::add(const ProbabilityTile& tile) {
  if (!tile.probability.empty() &&
      tile.probability.size() != static_cast<std::size_t>(tile.columns() * tile.rows()))
    throw DataError("the probabilities do not match the size of their tile");
  for (std::size_t i = 0; i < tile.probability.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    raise(static_cast<double>(tile.core.x + kStride * (at % tile.columns())),
          static_cast<double>(tile.core.y + kStride * (at / tile.columns())), tile.probability[i]);
  }
  for (const auto& point : tile.points)
    raise(static_cast<double>(point.grid_x), static_cast<double>(point.grid_y), point.probability);
}

ProbabilityTile ProbabilityOverview::finish() && { return std::move(out_); }

}  // namespace mito::run_page
