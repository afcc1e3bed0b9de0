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
                                         .summary = "Finds dark round spots that may be mitoses."};
  using Params = he_candidates::Params;
  static constexpr std::array<std::string_view, 3> kInputs{"tile", "slide", "mask"};
  static constexpr std::string_view kOutput = "candidates";

  static CandidateSet run(const Params& params,
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
