#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/outcome/cnn_dense/cnn_dense.h"

namespace mito::nodes {
namespace {

/// A dense map: float32 for every fourth pixel, which shrinks to some 80 % in the store.
graph::Cost cost_of_map(const Slide& slide) {
  constexpr double kShrinks = 0.8;
  const Grid& grid = slide.analysis_grid();
  const double outputs = static_cast<double>(grid.width) * static_cast<double>(grid.height) /
                         (ProbabilityTile::kStride * ProbabilityTile::kStride);
  return {.store_mib = kShrinks * outputs * sizeof(float) / (1 << 20)};
}

/// tile, tissue, model [, candidates] -> probabilities of the tile.
struct CnnDense {
  static constexpr graph::NodeInfo kInfo{
      .type = "cnn_dense",
      .version = 2,
      .paper = "IV-D",
      .summary = "Runs the network over the tissue of a tile, at every fourth pixel.",
      .inputs = {"tile", "mask", "model", "candidates"},
      .output = "probability",
      .concurrency = graph::Concurrency::Device};

  static graph::Cost cost(const cnn_dense::Params& params, const Slide& slide) {
    if (params.mode != "dense") return {};
    return cost_of_map(slide);
  }
  static ProbabilityTile run(const cnn_dense::Params& params,
                             const graph::NodeContext& context,
                             const Tile& tile,
                             const TissueMask& mask,
                             const nn::Model& model,
                             const CandidateSet* candidates) {
    return cnn_dense::evaluate(params, tile, mask, model, candidates,
                               cnn_dense::device_of(params, context.device_or(params.device)));
  }
};

/// tile, tissue, model, the map of a cheaper network -> probabilities of the tile, where the cheap
/// network does not rule mitoses out.
struct CnnDenseScreened {
  static constexpr graph::NodeInfo kInfo{
      .type = "cnn_dense_screened",
      .version = 1,
      .paper = "IV-D",
      .summary = "Runs the network over a tile where a cheap one does not rule mitoses out.",
      .inputs = {"tile", "mask", "model", "cheap"},
      .output = "probability",
      .concurrency = graph::Concurrency::Device};

  static graph::Cost cost(const cnn_dense::ScreenedParams& /*params*/, const Slide& slide) {
    return cost_of_map(slide);
  }
  static ProbabilityTile run(const cnn_dense::ScreenedParams& params,
                             const graph::NodeContext& context,
                             const Tile& tile,
                             const TissueMask& mask,
                             const nn::Model& model,
                             const ProbabilityTile& cheap) {
    const cnn_dense::Screen screen{cheap, params.skip_below};
    return cnn_dense::evaluate(params, tile, mask, model, nullptr,
                               cnn_dense::device_of(params, context.device_or(params.device)),
                               &screen);
  }
};

}  // namespace

void register_cnn_dense(graph::Registry& registry) {
  registry.add<CnnDense>();
  registry.add<CnnDenseScreened>();
}

}  // namespace mito::nodes
