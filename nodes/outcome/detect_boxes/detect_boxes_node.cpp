#include "engine/graph/node.h"
#include "nodes/outcome/detect_boxes/detect_boxes.h"

namespace mito::nodes {
namespace {

/// tile, tissue, model -> points of the tile, of which objects makes detections.
struct DetectBoxes {
  static constexpr graph::NodeInfo kInfo{
      .type = "detect_boxes",
      .version = 1,
      .paper = "IV-D",
      .summary = "Finds mitoses on the tissue of a tile with a network that gives boxes.",
      .inputs = {"tile", "mask", "model"},
      .output = "probability",
      .concurrency = graph::Concurrency::Device};

  static ProbabilityTile run(const detect_boxes::Params& params,
                             const graph::NodeContext& context,
                             const Tile& tile,
                             const TissueMask& mask,
                             const nn::Model& model) {
    return detect_boxes::find(tile, mask, model, nn::device_from(context.device_or(params.device)));
  }
};

}  // namespace

void register_detect_boxes(graph::Registry& registry) { registry.add<DetectBoxes>(); }

}  // namespace mito::nodes
