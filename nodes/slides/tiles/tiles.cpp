#include "nodes/slides/tiles/tiles.h"

#include <algorithm>
#include <cmath>

namespace mito::tiles {

std::string check(const Params& params) {
  if (params.size_px % 256 == 0) return "";
  return "size_px must be a multiple of 256, got " + std::to_string(params.size_px);
}

Grid grid(const Slide& slide, const Params& params) {
  return params.mpp == kAnalysisMpp ? slide.analysis_grid() : slide.grid(params.mpp);
}

std::vector<Rect> plan(const Grid& grid, const TissueMask& mask, const Params& params) {
  std::vector<Rect> cores;
  const std::int64_t size = params.size_px;
  for (std::int64_t y = 0; y < grid.height; y += size)
    for (std::int64_t x = 0; x < grid.width; x += size)
      if (const Rect core{x, y, size, size}; mask.touches(grid, core)) cores.push_back(core);
  return cores;
}

Tile read(const Slide& slide, const Rect& core, const Params& params) {
  const Grid on = grid(slide, params);
  // A slide of 0.26 um/px counts as 0.25, so the halo must be enough in either.
  const auto halo =
      static_cast<std::int64_t>(std::ceil(params.halo_um / std::min(on.mpp, params.mpp)));
  return {on, core, halo, slide.read(on, core.grown(halo))};
}

}  // namespace mito::tiles
