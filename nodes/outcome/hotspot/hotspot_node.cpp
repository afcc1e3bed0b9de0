#include "engine/graph/node.h"
#include "nodes/outcome/hotspot/hotspot_of_slide.h"

namespace mito::nodes {
namespace {

/// detections of the slide [, its mask] -> hotspot.
struct HotspotNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "hotspot",
      .version = 2,
      .paper = "IV-D",
      .summary = "Counts detections in a sliding circle and takes a high percentile.",
      .inputs = {"detections", "mask"},
      .output = "hotspot"};

  static Hotspot run(const hotspot::Params& params,
                     const DetectionSet& detections,
                     const TissueMask* mask) {
    return hotspot::find(params, detections, mask);
  }
};

}  // namespace

void register_hotspot(graph::Registry& registry) { registry.add<HotspotNode>(); }

}  // namespace mito::nodes
