#include <spdlog/spdlog.h>

#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "engine/types/cases.h"
#include "nodes/outcome/evaluate/evaluate.h"
#include "nodes/outcome/study/seen_cases.h"

namespace mito::nodes {
namespace {

/// detections, slide [, the truth as a file or as annotations] [, the network that detected, to
/// refuse cases it was trained or tuned on] -> evaluation.json and evaluation_curve.csv.
struct EvaluateDetections {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_detections",
      .version = 2,
      .paper = "VI",
      .summary = "Measures detections against true mitoses: precision, recall and F1.",
      .inputs = {"detections", "slide", "truth", "annotations", "model"},
      .output = "evaluation",
      .sink = true,
      .truth = "truth"};

  static std::string check(const evaluate::Params& params) {
    return check_case_pattern(params.case_pattern);
  }
  static std::optional<Measured> measures(const evaluate::Params& params, const Foresight& ahead) {
    if (!ahead.connected("truth") && !ahead.connected("annotations")) return std::nullopt;
    return study::measured_with_threshold(params.case_pattern, ahead);
  }
  static OutputFiles run(const evaluate::Params& params,
                         const DetectionSet& detections,
                         const Slide& slide,
                         const File* truth,
                         const ImageAnnotations* annotations,
                         const nn::Model* model) {
    const auto& info = slide.info();
    evaluate::Subject subject{info.name, info.path,
                              evaluate::case_of_slide(params, info.name, annotations),
                              info.bounds_corner()};
    const MeasuredImage image{info.name, subject.case_id, content_of_identity(info.identity)};
    if (truth != nullptr || annotations != nullptr) subject.leaks = leaks_of(model, image);
    for (const auto& warning : subject.leaks.warnings) spdlog::warn("{}", warning);
    const auto report =
        evaluate::compare(params, detections, subject,
                          truth == nullptr ? std::filesystem::path() : truth->path, annotations);
    if (!report.warning.empty()) spdlog::warn("{}", report.warning);
    return evaluate::files(report);
  }

 private:
  static LeakCheck leaks_of(const nn::Model* model, const MeasuredImage& image) {
    if (model == nullptr) return leak_check({}, {image});
    const std::vector seen{nn::seen_in_training(model->info()), nn::seen_in_tuning(model->info())};
    refuse_seen(seen, image);
    return leak_check(seen, {image});
  }
};

}  // namespace

void register_evaluate(graph::Registry& registry) { registry.add<EvaluateDetections>(); }

}  // namespace mito::nodes
