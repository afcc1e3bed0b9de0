#include <cmath>

#include "engine/graph/node.h"
#include "nodes/slides/tiles/tiles.h"

namespace mito::nodes {
namespace {

/// slide, its tissue mask -> the tiles that hold tissue.
struct Tiles {
  static constexpr graph::NodeInfo kInfo{.type = "tiles",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Cuts the tissue of a slide into square tiles.",
                                         .inputs = {"slide", "mask"},
                                         .output = "tile"};

  struct Plan {
    Slide slide;
    std::vector<Rect> cores;
    tiles::Params params;
    std::size_t size() const { return cores.size(); }
  };

  /// As if every tile held tissue.
  static graph::Cost cost(const tiles::Params& params, const Slide& slide) {
    const double size = params.size_px;
    const double side = size + 2 * params.halo_um / params.mpp;
    const Grid grid = params.mpp == kAnalysisMpp ? slide.analysis_grid() : slide.grid(params.mpp);
    const auto across = [size](std::int64_t n) {
      return static_cast<std::int64_t>(std::ceil(static_cast<double>(n) / size));
    };
    return {.parts = across(grid.width) * across(grid.height),
            .part_mib = 3 * side * side / (1 << 20)};
  }
  static Plan plan(const tiles::Params& params, const Slide& slide, const TissueMask& mask) {
    return {slide, tiles::plan(tiles::grid(slide, params), mask, params), params};
  }
  static Tile element(const Plan& plan, std::uint32_t index) {
    return tiles::read(plan.slide, plan.cores.at(index), plan.params);
  }
};

}  // namespace

void register_tiles(graph::Registry& registry) { registry.add<Tiles>(); }

}  // namespace mito::nodes
