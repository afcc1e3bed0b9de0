#include "engine/graph/node.h"
#include "nodes/slides/tiles/tiles.h"

namespace mito::nodes {
namespace {

/// slide, its tissue mask -> the tiles that hold tissue.
struct Tiles {
  static constexpr graph::NodeInfo kInfo{
      .type = "tiles",
      .version = 1,
      .paper = "-",
      .summary = "Cuts the tissue of a slide into square tiles."};
  using Params = tiles::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"slide", "mask"};
  static constexpr std::string_view kOutput = "tile";

  struct Plan {
    Slide slide;
    std::vector<Rect> cores;
    Params params;
    std::size_t size() const { return cores.size(); }
  };

  static std::string check(const Params& params) { return tiles::check(params); }
  static Plan plan(const Params& params, const Slide& slide, const TissueMask& mask) {
    return {slide, tiles::plan(tiles::grid(slide, params), mask, params), params};
  }
  static Tile element(const Plan& plan, std::uint32_t index) {
    return tiles::read(plan.slide, plan.cores.at(index), plan.params);
  }
};

}  // namespace

void register_tiles(graph::Registry& registry) { registry.add<Tiles>(); }

}  // namespace mito::nodes
