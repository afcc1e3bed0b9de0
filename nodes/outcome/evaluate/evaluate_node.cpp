#include <spdlog/spdlog.h>

#include "engine/core/digest.h"
#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "engine/types/cases.h"
#include "nodes/outcome/evaluate/evaluate.h"

namespace mito::nodes {
namespace {

/// detections, slide [, the truth as a file or as annotations] [, the network that detected, to
/// refuse cases it was trained or tuned on] -> evaluation.json and evaluation_curve.csv.
struct EvaluateDetections {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_detections",
      .version = 1,
      .paper = "VI",
      .summary = "Measures detections against true mitoses: precision, recall and F1.",
      .sink = true};
  using Params = evaluate::Params;
  static constexpr std::array<std::string_view, 5> kInputs{"detections", "slide", "truth",
                                                           "annotations", "model"};
  static constexpr std::string_view kOutput = "evaluation";

  static std::string check(const Params& params) { return check_case_pattern(params.case_pattern); }
  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const DetectionSet& detections,
                          const Slide& slide,
                          const File* truth,
                          const ImageAnnotations* annotations,
                          const nn::Model* model) {
    const auto& info = slide.info();
    const evaluate::Subject subject{info.name, info.path,
                                    evaluate::case_of_slide(params, info.name, annotations),
                                    info.bounds_corner()};
    if (model != nullptr)
      evaluate::refuse_seen_case(subject, model->info().training_cases, model->info().tuning_cases);
    const auto report =
        evaluate::compare(params, detections, subject,
                          truth == nullptr ? std::filesystem::path() : truth->path, annotations);
    if (!report.warning.empty()) spdlog::warn("{}", report.warning);
    evaluate::write(report, context.out_folder);
    return {evaluate::kReportFile, sha256(report.json)};
  }
};

}  // namespace

void register_evaluate(graph::Registry& registry) { registry.add<EvaluateDetections>(); }

}  // namespace mito::nodes
