#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "engine/types/inputs.h"
#include "nodes/evaluate/evaluate.h"

namespace mito::nodes {
namespace {

/// detections, slide and optionally the truth -> evaluation.json and evaluation_curve.csv.
struct EvaluateDetections {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_detections",
      .version = 1,
      .paper = "VI",
      .summary = "Measures detections against true mitoses: precision, recall and F1.",
      .sink = true};
  using Params = evaluate::Params;
  static constexpr std::array<std::string_view, 3> kInputs{"detections", "slide", "truth"};
  static constexpr std::string_view kOutput = "evaluation";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const DetectionSet& detections,
                          const Slide& slide,
                          const File* truth) {
    const auto report =
        evaluate::compare(params, detections, {slide.info().name, slide.info().path},
                          truth == nullptr ? std::filesystem::path() : truth->path);
    evaluate::write(report, context.out_folder);
    return {evaluate::kReportFile, sha256(report.json)};
  }
};

}  // namespace

void register_evaluate(graph::Registry& registry) { registry.add<EvaluateDetections>(); }

}  // namespace mito::nodes
