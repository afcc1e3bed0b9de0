#include "engine/graph/node.h"
#include "nodes/outcome/adaptation/adaptation.h"
#include "nodes/outcome/adaptation/adaptation_report.h"
#include "nodes/outcome/adaptation/disagreement.h"

namespace mito::nodes {
namespace {

/// slide with its detections, network -> the same with the disagreement on every detection.
struct Disagreement {
  static constexpr graph::NodeInfo kInfo{
      .type = "disagreement",
      .version = 1,
      .paper = "IV-C",
      .summary =
          "Says of each detection how much members of an ensemble, or views of it, disagree.",
      .inputs = {"slide_detections", "model"},
      .output = "slide_detections",
      .concurrency = graph::Concurrency::Device};

  static SlideDetections run(const adaptation::DisagreementParams& params,
                             const graph::NodeContext& context,
                             const SlideDetections& slide_detections,
                             const nn::Model& model) {
    return adaptation::with_disagreement(slide_detections, model,
                                         nn::device_from(context.device_or(params.device)),
                                         params.most, context.stop);
  }
};

/// labelled places, the network before, fine-tuned without each fold and on all of them [, what was
/// replayed] -> what the labels say of each.
struct AdaptationNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "adaptation",
      .version = 1,
      .paper = "V",
      .summary =
          "Chooses threshold and calibration on labelled places, and measures before and after.",
      .inputs = {"places", "before", "folds", "fine_tuned", "replay"},
      .output = "adaptation"};

  static Adaptation run(const adaptation::Params& params,
                        const graph::NodeContext& context,
                        const LabelledPlaces& places,
                        const nn::Model& before,
                        const nn::Model& folds,
                        const nn::Model& fine_tuned,
                        const PatchSet* replay) {
    auto own = params;
    own.device = context.device_or(params.device);
    return adaptation::assess(own, places, {before, folds, fine_tuned}, replay, context.stop);
  }
};

/// what the labels say, the network before and fine-tuned -> the model of the laboratory.
struct AdaptedModel {
  static constexpr graph::NodeInfo kInfo{
      .type = "adapted_model",
      .version = 1,
      .paper = "V",
      .summary = "Takes the better weights, calibrated and with the threshold of a laboratory.",
      .inputs = {"adaptation", "before", "fine_tuned"},
      .output = "model"};

  static nn::Model run(const adaptation::ModelParams& params,
                       const Adaptation& adaptation,
                       const nn::Model& before,
                       const nn::Model& fine_tuned) {
    return adaptation::adapted_model(params, adaptation, before, fine_tuned);
  }
};

/// what the labels say, the model of the laboratory -> adapted.md, adaptation.json and
/// adaptation_places.csv.
struct AdaptationReport {
  static constexpr graph::NodeInfo kInfo{
      .type = "adaptation_report",
      .version = 1,
      .paper = "V",
      .summary = "Writes the card of an adapted model: labels, before and after, what was kept.",
      .inputs = {"adaptation", "model"},
      .output = "report",
      .sink = true};

  static OutputFiles run(const Adaptation& adaptation, const nn::Model& model) {
    return adaptation::report(adaptation, model);
  }
};

}  // namespace

void register_adaptation(graph::Registry& registry) {
  registry.add<Disagreement>();
  registry.add<AdaptationNode>();
  registry.add<AdaptedModel>();
  registry.add<AdaptationReport>();
}

}  // namespace mito::nodes
