#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .version = 2,
      .paper = "IV-C",
      .summary = "Measures a model on labelled patches, and how far it is from its teacher.",
      .sink = true};
  using Params = evaluate_patches::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"patches", "model", "slides", "teacher"};
  static constexpr std::string_view kOutput = "evaluation";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const PatchSet& patches,
                          const nn::Model& model,
                          const SlideCollection* slides,
                          const nn::Model* teacher) {
    namespace pure = evaluate_patches;
    const auto device = nn::device_from(context.device_or(params.device));
    const nn::PlainPatches plain(patches, slides, params.memory_mib, context.stop);
    const auto measured = pure::measure(model, plain, device, context.stop);
    std::optional<pure::Measured> of_teacher;
    if (teacher != nullptr) of_teacher = pure::measure(*teacher, plain, device, context.stop);
    const auto json = pure::report(plain, measured, of_teacher);
    write_file(context.out_folder / pure::kScoresFile,
               pure::scores_csv(patches, measured.probability));
    write_file(context.out_folder / pure::kReportFile, json);
    return {pure::kReportFile, sha256(json)};
  }
};

}  // namespace

void register_evaluate_patches(graph::Registry& registry) { registry.add<EvaluatePatches>(); }

}  // namespace mito::nodes
