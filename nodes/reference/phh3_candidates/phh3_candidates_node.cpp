#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/reference/phh3_candidates/phh3_candidates.h"

namespace mito::nodes {
namespace {

/// tile of a PHH3 slide, the slide's mask -> pixels of the tile's core that may be spots.
struct Phh3Candidates {
  static constexpr graph::NodeInfo kInfo{.type = "phh3_candidates",
                                         .version = 1,
                                         .paper = "III-A",
                                         .summary = "Finds the brown pixels of a PHH3 tile."};
  using Params = phh3_candidates::TileParams;
  static constexpr std::array<std::string_view, 2> kInputs{"tile", "mask"};
  static constexpr std::string_view kOutput = "pixels";

  static std::string check(const Params& params) { return phh3_candidates::check(params); }
  static SpotTile run(const Params& params, const Tile& tile, const TissueMask& mask) {
    return phh3_candidates::find(tile, mask, params);
  }
};

/// brown pixels of the tiles, their slide -> candidates of the slide.
struct CollectPhh3Candidates {
  static constexpr graph::NodeInfo kInfo{
      .type = "collect_phh3_candidates",
      .version = 1,
      .paper = "III-A",
      .summary = "Joins the brown pixels of a PHH3 slide to spots: its candidates."};
  using Params = phh3_candidates::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"pixels", "slide"};
  static constexpr std::string_view kOutput = "spots";

  struct Sum {
    phh3_candidates::Collector collector;
    Grid grid;
  };

  static std::string check(const Params& params) { return phh3_candidates::check(params); }
  static Sum begin(const Params& params, std::uint32_t /*size*/, const Slide& slide) {
    return {{params, slide.info().name}, slide.analysis_grid()};
  }
  static void add(Sum& sum, std::uint32_t /*index*/, const SpotTile& tile) {
    sum.collector.add(tile);
  }
  static SpotSet finish(Sum sum) { return sum.collector.finish(sum.grid); }
};

}  // namespace

void register_phh3_candidates(graph::Registry& registry) {
  registry.add<Phh3Candidates>();
  registry.add<CollectPhh3Candidates>();
}

}  // namespace mito::nodes
