#include "engine/graph/node.h"
#include "nodes/detector/training_batches/training_batches.h"

namespace mito::nodes {
namespace {

/// patches [, the slides they lie in] [, a teacher's probabilities] -> balanced batches.
struct TrainingBatches {
  static constexpr graph::NodeInfo kInfo{
      .type = "training_batches",
      .version = 1,
      .paper = "IV-B",
      .summary = "Makes the balanced batches of all epochs, with the pixels of their patches."};
  using Params = training_batches::Params;
  static constexpr std::array<std::string_view, 3> kInputs{"patches", "slides", "targets"};
  static constexpr std::string_view kOutput = "batches";

  struct Plan {
    std::shared_ptr<const training_batches::Batches> batches;
    std::size_t size() const { return batches->size(); }
  };

  static std::string check(const Params& params) { return training_batches::check(params); }

  static Plan plan(const Params& params,
                   const graph::NodeContext& context,
                   const PatchSet& patches,
                   const SlideCollection* slides,
                   const PoolScores* targets) {
    return {std::make_shared<training_batches::Batches>(
        patches, slides, targets, params,
        training_batches::Surroundings{context.scratch, context.stop, context.progress})};
  }

  static PatchBatch element(const Plan& plan, std::uint32_t index) {
    return plan.batches->batch(index);
  }
};

}  // namespace

void register_training_batches(graph::Registry& registry) { registry.add<TrainingBatches>(); }

}  // namespace mito::nodes
