#include "engine/graph/node.h"
#include "engine/types/foretold_patches.h"
#include "nodes/detector/training_batches/training_batches.h"

namespace mito::nodes {
namespace {

/// patches [, the slides they lie in] [, a teacher's probabilities] -> balanced batches.
struct TrainingBatches {
  static constexpr graph::NodeInfo kInfo{
      .type = "training_batches",
      .version = 1,
      .paper = "IV-B",
      .summary = "Makes the balanced batches of all epochs, with the pixels of their patches.",
      .inputs = {"patches", "slides", "targets"},
      .output = "batches"};

  struct Plan {
    std::shared_ptr<const training_batches::Batches> batches;
    std::size_t size() const { return batches->size(); }
  };

  /// The file of packed patches, where they do not fit into memory.
  static std::optional<graph::Costs> cost(const training_batches::Params& params,
                                          const Foresight& ahead) {
    const auto sets = ahead.at<ForetoldPatches>("patches");
    if (sets == nullptr) return std::nullopt;
    const double mib = static_cast<double>(sets->patches) *
                       static_cast<double>(training_batches::kPatchBytes) / (1 << 20);
    const bool in_file =
        params.pack == "file" || (params.pack == "auto" && mib > params.memory_mib);
    return graph::Costs{{.scratch_mib = in_file ? mib : 0}, sets->sets};
  }
  static Plan plan(const training_batches::Params& params,
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
