#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"
#include "nodes/reference/evaluate_reference/evaluate_reference.h"

namespace mito::nodes {
namespace {

/// a reference standard with all it was made of [, the truth] -> reference_evaluation.json.
struct EvaluateReference {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_reference",
      .version = 1,
      .paper = "III-B",
      .summary = "Measures a reference standard against the truth of a drawn pair.",
      .sink = true};
  using Params = evaluate_reference::Params;
  static constexpr std::array<std::string_view, 8> kInputs{
      "he", "spots", "mitoses", "global", "local", "reference", "artefacts", "truth"};
  static constexpr std::string_view kOutput = "evaluation";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const Slide& he,
                          const SpotSet& spots,
                          const SpotScores& mitoses,
                          const GlobalRegistration& global,
                          const LocalRegistration& local,
                          const ReferenceStandard& reference,
                          const SpotScores* artefacts,
                          const FileList* truth) {
    std::string text = "{\n  \"truth\": null\n}\n";
    if (truth != nullptr) {
      const auto file = evaluate_reference::truth_of(*truth, he.info().name);
      text = evaluate_reference::compare(params, read_phantom_truth(file), spots, mitoses,
                                         artefacts, global, local, reference);
    }
    write_file(context.out_folder / kFile, text);
    return {kFile, sha256(text)};
  }

  static constexpr auto kFile = "reference_evaluation.json";
};

}  // namespace

void register_evaluate_reference(graph::Registry& registry) { registry.add<EvaluateReference>(); }

}  // namespace mito::nodes
