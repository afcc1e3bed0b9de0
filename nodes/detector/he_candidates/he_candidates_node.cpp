#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/detector/he_candidates/he_candidates.h"

namespace mito::nodes {
namespace {

/// tile, with its slide and the slide's mask -> candidates centred in the tile's core.
struct HeCandidates {
  static constexpr graph::NodeInfo kInfo{.type = "he_candidates",
                                         .version = 1,
                                         .paper = "IV-A",
                                         .summary = "Finds dark round spots that may be mitoses.",
                                         .inputs = {"tile", "slide", "mask"},
                                         .output = "candidates"};

  /// Two tables: that of the tiles, and the joined one behind it. As many candidates for a mm2 of
  /// tissue, and bytes for each, as H04_04.tif has.
  static graph::Cost cost(const he_candidates::Params& params, const Slide& slide) {
    constexpr double kPerMm2 = 4400;
    constexpr double kOfUm = 25;
    constexpr double kBytes = 2 * 20;
    constexpr double kUm2 = 1e6;
    const Grid& grid = slide.analysis_grid();
    const double mm2 = static_cast<double>(grid.width) * static_cast<double>(grid.height) *
                       grid.mpp * grid.mpp / kUm2;
    const double closer = kOfUm / params.diameter_um;
    return {.store_mib = mm2 * kPerMm2 * closer * closer * kBytes / (1 << 20)};
  }
  static CandidateSet run(const he_candidates::Params& params,
                          const Tile& tile,
                          const Slide& slide,
                          const TissueMask& mask) {
    const auto read = [&](const Rect& area) { return slide.read(tile.grid, area); };
    return {he_candidates::detect(tile, mask, read, params), slide.info().mpp_x};
  }
};

}  // namespace

void register_he_candidates(graph::Registry& registry) { registry.add<HeCandidates>(); }

}  // namespace mito::nodes
