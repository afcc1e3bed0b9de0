#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "nodes/detector/distil/distil.h"

namespace mito::nodes {
namespace {

/// batch, teacher -> the batch with the teacher's probabilities as targets.
struct Distil {
  static constexpr graph::NodeInfo kInfo{
      .type = "distil",
      .version = 1,
      .paper = "IV-C",
      .summary = "Replaces the labels of a batch by what a teacher says of its patches."};
  using Params = distil::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"batches", "teacher"};
  static constexpr std::string_view kOutput = "batches";

  static graph::Concurrency concurrency(const Params& params) {
    return params.device == "cuda" ? graph::Concurrency::Device : graph::Concurrency::Parallel;
  }

  static TrainingBatch run(const Params& params,
                           const graph::NodeContext& context,
                           const TrainingBatch& batch,
                           const nn::Model& teacher) {
    return distil::soften(batch,
                          teacher.network(nn::device_from(context.device_or(params.device))));
  }
};

}  // namespace

void register_distil(graph::Registry& registry) { registry.add<Distil>(); }

}  // namespace mito::nodes
