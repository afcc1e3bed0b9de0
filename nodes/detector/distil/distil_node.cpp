#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "nodes/detector/distil/distil.h"

namespace mito::nodes {
namespace {

/// batch, teacher [, the set it is from, for those of its patches that are replayed] -> the batch
/// with the teacher's probabilities as targets.
struct Distil {
  static constexpr graph::NodeInfo kInfo{
      .type = "distil",
      .version = 1,
      .paper = "IV-C",
      .summary = "Replaces the labels of a batch by what a teacher says of its patches.",
      .inputs = {"batches", "teacher", "patches"},
      .output = "batches",
      .concurrency = graph::Concurrency::Device};

  static TrainingBatch run(const distil::Params& params,
                           const graph::NodeContext& context,
                           const TrainingBatch& batch,
                           const nn::Model& teacher,
                           const PatchSet* patches) {
    const auto& network = teacher.network(nn::device_from(context.device_or(params.device)));
    return patches == nullptr ? distil::soften(batch, network)
                              : distil::soften_replayed(batch, network, *patches);
  }
};

}  // namespace

void register_distil(graph::Registry& registry) { registry.add<Distil>(); }

}  // namespace mito::nodes
