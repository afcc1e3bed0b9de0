#include "nodes/outcome/detect_boxes/detect_boxes.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "engine/nn/imported/card.h"

namespace mito::detect_boxes {
namespace {

void check(const Tile& tile, const nn::Model& model) {
  const auto* imported = model.imported();
  if (imported == nullptr || imported->card.output != "boxes")
    throw DataError(
        "the model finds no boxes: detect_boxes takes one made elsewhere whose card says 'output: "
        "boxes'; cnn_dense takes the others");
  nn::require_resolution(model, tile.grid.mpp, "", "the tiles have");
  const auto squares = nn::squares_of(imported->card);
  const auto halo = std::max(squares.before_px, squares.behind_px);
  if (tile.halo < halo)
    throw DataError(
        fmt::format("the network needs {} px around a tile, but the halo is {} px; raise halo_um "
                    "of the tiles to at least {}",
                    halo, tile.halo, static_cast<double>(halo) * tile.grid.mpp));
}

}  // namespace

ProbabilityTile find(const Tile& tile,
                     const TissueMask& mask,
                     const nn::Model& model,
                     nn::Device device) {
  check(tile, model);
  ProbabilityTile out{tile.grid, tile.core, {}, {}};
  const auto on_tissue = [&](const Rect& block) { return mask.touches(tile.grid, block); };
  if (!on_tissue(tile.core)) return out;
  for (const auto& point :
       nn::box_centres(model.network(device), {tile.area(), tile.rgb}, tile.core, on_tissue)) {
    if (tile.grid.bounds().contains(point.grid_x, point.grid_y) &&
        mask.covers(tile.grid, point.grid_x, point.grid_y))
      out.points.push_back(point);
  }
  return out;
}

}  // namespace mito::detect_boxes
