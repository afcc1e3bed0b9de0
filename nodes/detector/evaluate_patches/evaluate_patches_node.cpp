#include <spdlog/spdlog.h>

#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/detector/evaluate_patches/evaluate_patches.h"

namespace mito::nodes {
namespace {

/// labelled patches, model [, slides, teacher] -> patches_evaluation.json and
/// patches_scores.csv.
struct EvaluatePatches {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_patches",
      .version = 3,
      .paper = "IV-C",
      .summary = "Measures a model on labelled patches, and how far it is from its teacher.",
      .inputs = {"patches", "model", "slides", "teacher"},
      .output = "evaluation",
      .sink = true};

  static OutputFiles run(const evaluate_patches::Params& params,
                         const graph::NodeContext& context,
                         const PatchSet& patches,
                         const nn::Model& model,
                         const SlideCollection* slides,
                         const nn::Model* teacher) {
    namespace pure = evaluate_patches;
    const auto device = nn::device_from(context.device_or(params.device));
    const nn::PlainPatches plain(patches, slides, params.memory_mib, context.stop);
    const auto measured = pure::measure(model, plain, device, context.stop);
    for (const auto& warning : measured.leaks.warnings) spdlog::warn("{}", warning);
    std::optional<pure::Measured> of_teacher;
    if (teacher != nullptr) of_teacher = pure::measure(*teacher, plain, device, context.stop);
    return {{pure::kScoresFile, pure::scores_csv(patches, measured.probability)},
            {pure::kReportFile, pure::report(plain, measured, of_teacher)}};
  }
};

}  // namespace

void register_evaluate_patches(graph::Registry& registry) { registry.add<EvaluatePatches>(); }

}  // namespace mito::nodes
