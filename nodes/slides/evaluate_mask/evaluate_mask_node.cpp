#include "engine/graph/node.h"
#include "nodes/slides/evaluate_mask/evaluate_mask.h"

namespace mito::nodes {
namespace {

/// slide, its tissue mask [, the true mask] -> tissue.json in the output folder.
struct EvaluateMask {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_mask",
      .version = 1,
      .paper = "II",
      .summary = "Writes what a tissue mask holds, and how well it agrees with a given one.",
      .inputs = {"slide", "mask", "truth"},
      .sink = true};

  static OutputFile run(const Slide& slide, const TissueMask& mask, const TissueMask* truth) {
    std::optional<evaluate_mask::Overlap> overlap;
    if (truth != nullptr) overlap = evaluate_mask::compare(mask, *truth);
    return {evaluate_mask::kFile, evaluate_mask::to_json(slide.info(), mask, overlap)};
  }
};

}  // namespace

void register_evaluate_mask(graph::Registry& registry) { registry.add<EvaluateMask>(); }

}  // namespace mito::nodes
