#include "engine/slide/deep_zoom.h"

#include <algorithm>

namespace mito {

DeepZoom::DeepZoom(const Grid& analysis) : analysis_(analysis) {
  for (auto longest = std::max(analysis.width, analysis.height); longest > 1;
       longest = (longest + 1) / 2)
    ++max_level_;
}

int DeepZoom::one_tile_level() const {
  int level = max_level_;
  while (std::max(grid_of(level).width, grid_of(level).height) > kTilePx) --level;
  return level;
}

Grid DeepZoom::grid_of(int level) const {
  const auto shrink = std::int64_t{1} << (max_level_ - level);
  const auto by = static_cast<double>(shrink);
  return {analysis_.scale_x * by, analysis_.scale_y * by, analysis_.mpp * by,
          (analysis_.width + shrink - 1) / shrink, (analysis_.height + shrink - 1) / shrink};
}

std::optional<Rect> DeepZoom::tile(int level, std::int64_t x, std::int64_t y) const {
  if (level < 0 || level > max_level_ || x < 0 || y < 0) return std::nullopt;
  const Grid grid = grid_of(level);
  if (x > (grid.width - 1) / kTilePx || y > (grid.height - 1) / kTilePx) return std::nullopt;
  const Rect corner{x * kTilePx, y * kTilePx, 0, 0};
  return Rect{corner.x, corner.y, std::min(kTilePx, grid.width - corner.x),
              std::min(kTilePx, grid.height - corner.y)};
}

}  // namespace mito
