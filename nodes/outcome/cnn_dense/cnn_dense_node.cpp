#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/outcome/cnn_dense/cnn_dense.h"

namespace mito::nodes {
namespace {

/// tile, tissue, model [, candidates, or the map of a cheaper network] -> probabilities of the
/// tile.
struct CnnDense {
  static constexpr graph::NodeInfo kInfo{
      .type = "cnn_dense",
      .version = 2,
      .paper = "IV-D",
      .summary = "Runs the network over the tissue of a tile, at every fourth pixel.",
      .inputs = {"tile", "mask", "model", "candidates", "cheap"},
      .output = "probability",
      .concurrency = graph::Concurrency::Device};

  /// A dense map: float32 for every fourth pixel, which shrinks to some 80 % in the store.
  static graph::Cost cost(const cnn_dense::Params& params, const Slide& slide) {
    constexpr double kShrinks = 0.8;
    if (params.mode != "dense") return {};
    const Grid& grid = slide.analysis_grid();
    const double outputs = static_cast<double>(grid.width) * static_cast<double>(grid.height) /
                           (ProbabilityTile::kStride * ProbabilityTile::kStride);
    return {.store_mib = kShrinks * outputs * sizeof(float) / (1 << 20)};
  }
  static ProbabilityTile run(const cnn_dense::Params& params,
                             const graph::NodeContext& context,
                             const Tile& tile,
                             const TissueMask& mask,
                             const nn::Model& model,
                             const CandidateSet* candidates,
                             const ProbabilityTile* cheap) {
    return cnn_dense::evaluate(params, tile, mask, model, candidates,
                               cnn_dense::device_of(params, context.device_or(params.device)),
                               cheap);
  }
};

}  // namespace

void register_cnn_dense(graph::Registry& registry) { registry.add<CnnDense>(); }

}  // namespace mito::nodes
