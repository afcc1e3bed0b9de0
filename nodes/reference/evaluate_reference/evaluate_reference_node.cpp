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
      .inputs = {"he", "spots", "mitoses", "global", "local", "reference", "artefacts", "truth"},
      .output = "evaluation",
      .sink = true};

  static OutputFile run(const evaluate_reference::Params& params,
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
      text = evaluate_reference::to_json(evaluate_reference::compare(
          params, read_phantom_truth(file), spots, mitoses, artefacts, global, local, reference));
    }
    return {kFile, text};
  }

  static constexpr auto kFile = "reference_evaluation.json";
};

/// a reference standard with all it was made of, the truth -> what they have in common.
struct CompareReference {
  static constexpr graph::NodeInfo kInfo{
      .type = "compare_reference",
      .version = 1,
      .paper = "III-B",
      .summary =
          "Compares a reference standard with the truth of a drawn pair, for a study of many.",
      .inputs = {"he", "spots", "mitoses", "global", "local", "reference", "truth", "artefacts"},
      .output = "comparison"};

  static evaluate_reference::Comparison run(const evaluate_reference::Params& params,
                                            const Slide& he,
                                            const SpotSet& spots,
                                            const SpotScores& mitoses,
                                            const GlobalRegistration& global,
                                            const LocalRegistration& local,
                                            const ReferenceStandard& reference,
                                            const FileList& truth,
                                            const SpotScores* artefacts) {
    const auto file = evaluate_reference::truth_of(truth, he.info().name);
    return evaluate_reference::compare(params, read_phantom_truth(file), spots, mitoses, artefacts,
                                       global, local, reference);
  }
};

/// comparisons of all pairs -> reference_study.json and reference_study.md.
struct EvaluateReferences {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_references",
      .version = 1,
      .paper = "III-B",
      .summary = "Measures the reference standards of all drawn pairs of a study together.",
      .inputs = {"comparison"},
      .output = "evaluation",
      .sink = true};

  static void add(evaluate_reference::Study& study, const evaluate_reference::Comparison& pair) {
    study.add(pair);
  }
  static OutputFiles finish(evaluate_reference::Study study) {
    return {{"reference_study.md", study.to_markdown()}, {"reference_study.json", study.to_json()}};
  }
};

}  // namespace

void register_evaluate_reference(graph::Registry& registry) {
  registry.add<EvaluateReference>();
  registry.add<CompareReference>();
  registry.add<EvaluateReferences>();
}

}  // namespace mito::nodes
