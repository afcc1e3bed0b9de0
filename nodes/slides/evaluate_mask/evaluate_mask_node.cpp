#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .sink = true};
  using Params = NoParams;
  static constexpr std::array<std::string_view, 3> kInputs{"slide", "mask", "truth"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& /*params*/,
                          const graph::NodeContext& context,
                          const Slide& slide,
                          const TissueMask& mask,
                          const TissueMask* truth) {
    std::optional<evaluate_mask::Overlap> overlap;
    if (truth != nullptr) overlap = evaluate_mask::compare(mask, *truth);
    const std::string text = evaluate_mask::to_json(slide.info(), mask, overlap);
    write_file(context.out_folder / evaluate_mask::kFile, text);
    return {evaluate_mask::kFile, sha256(text)};
  }
};

}  // namespace

void register_evaluate_mask(graph::Registry& registry) { registry.add<EvaluateMask>(); }

}  // namespace mito::nodes
