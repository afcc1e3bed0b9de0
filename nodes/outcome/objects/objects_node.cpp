#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "nodes/outcome/objects/objects.h"

namespace mito::nodes {
namespace {

/// probabilities of the tiles [, the network they are of] -> detections of the slide.
struct Objects {
  static constexpr graph::NodeInfo kInfo{
      .type = "objects",
      .version = 2,
      .paper = "IV-D",
      .summary = "Joins network outputs to objects and keeps the best of those too close.",
      .inputs = {"probability", "slide", "model"},
      .output = "detections"};

  struct Acc {
    objects::Params params;
    Grid grid;
    objects::Collected collected;
  };

  static Acc begin(const objects::Params& params, const Slide& slide, const nn::Model* model) {
    const auto own =
        model == nullptr ? params : objects::for_model(params, model->info().threshold);
    return {own, slide.analysis_grid(), {}};
  }
  static void add(Acc& acc, const ProbabilityTile& tile) {
    const double binarise = acc.params.binarise.value_or(objects::kPaperBinarise);
    if (acc.params.form == "peaks")
      acc.collected.add_peaks(tile, binarise);
    else
      acc.collected.add(tile, binarise);
  }
  static DetectionSet finish(Acc acc) {
    return objects::detections(std::move(acc.collected), acc.grid, acc.params);
  }
};

}  // namespace

void register_objects(graph::Registry& registry) { registry.add<Objects>(); }

}  // namespace mito::nodes
