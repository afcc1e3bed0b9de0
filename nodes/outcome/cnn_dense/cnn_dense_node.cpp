#include "engine/graph/node.h"
#include "nodes/outcome/cnn_dense/cnn_dense.h"

namespace mito::nodes {
namespace {

/// tile, tissue, model [, candidates] -> probabilities of the tile.
struct CnnDense {
  static constexpr graph::NodeInfo kInfo{
      .type = "cnn_dense",
      .version = 2,
      .paper = "IV-D",
      .summary = "Runs the network over the tissue of a tile, at every fourth pixel."};
  using Params = cnn_dense::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"tile", "mask", "model", "candidates"};
  static constexpr std::string_view kOutput = "probability";

  static graph::Concurrency concurrency(const Params& params) {
    return params.device == "cuda" ? graph::Concurrency::Device : graph::Concurrency::Parallel;
  }

  static ProbabilityTile run(const Params& params,
                             const graph::NodeContext& context,
                             const Tile& tile,
                             const TissueMask& mask,
                             const nn::Model& model,
                             const CandidateSet* candidates) {
    return cnn_dense::evaluate(params, tile, mask, model, candidates,
                               cnn_dense::device_of(params, context.device_or(params.device)));
  }
};

}  // namespace

void register_cnn_dense(graph::Registry& registry) { registry.add<CnnDense>(); }

}  // namespace mito::nodes
