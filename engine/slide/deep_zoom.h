#pragma once
#include <cstdint>
#include <optional>

#include "engine/types/geometry.h"

namespace mito {

/// A slide as viewers zoom into it: level max_level() is the analysis grid, each below it has half
/// its width and height (rounded up), level 0 is one pixel. A level is cut into tiles of kTilePx
/// from its top left corner; those at its right and lower edge are smaller.
class DeepZoom {
 public:
  static constexpr std::int64_t kTilePx = 256;

  explicit DeepZoom(const Grid& analysis);

  int max_level() const { return max_level_; }
  /// The coarsest level worth looking at: all of it is one tile.
  int one_tile_level() const;
  /// The grid of a level from 0 to max_level().
  Grid grid_of(int level) const;
  /// The part of a level that a tile covers; none where the level has no such tile.
  std::optional<Rect> tile(int level, std::int64_t x, std::int64_t y) const;

 private:
  Grid analysis_;
  int max_level_ = 0;
};

}  // namespace mito
