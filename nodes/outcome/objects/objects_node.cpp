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
      .summary = "Joins network outputs to objects and keeps the best of those too close."};
  using Params = objects::Params;
  static constexpr std::array<std::string_view, 3> kInputs{"probability", "slide", "model"};
  static constexpr std::string_view kOutput = "detections";

  struct Acc {
    Params params;
    Grid grid;
    objects::Collected collected;
  };

  static Acc begin(const Params& params,
                   std::uint32_t /*size*/,
                   const Slide& slide,
                   const nn::Model* model) {
    const auto own =
        model == nullptr ? params : objects::for_model(params, model->info().threshold);
    return {own, slide.analysis_grid(), {}};
  }
  static void add(Acc& acc, std::uint32_t /*index*/, const ProbabilityTile& tile) {
    acc.collected.add(tile, acc.params.binarise.value_or(objects::kPaperBinarise));
  }
  static DetectionSet finish(Acc acc) {
    return objects::detections(std::move(acc.collected), acc.grid, acc.params);
  }
};

}  // namespace

void register_objects(graph::Registry& registry) { registry.add<Objects>(); }

}  // namespace mito::nodes
