#include "engine/graph/node.h"
#include "engine/stats/hotspot.h"

namespace mito::nodes {
namespace {

/// detections of the slide [, its mask] -> hotspot.
struct HotspotNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "hotspot",
      .version = 1,
      .paper = "IV-D",
      .summary = "Counts detections in a sliding circle and takes a high percentile."};
  using Params = stats::HotspotParams;
  static constexpr std::array<std::string_view, 2> kInputs{"detections", "mask"};
  static constexpr std::string_view kOutput = "hotspot";

  static Hotspot run(const Params& params, const DetectionSet& detections, const TissueMask* mask) {
    return stats::find_hotspot(detections, mask, params);
  }
};

}  // namespace

void register_hotspot(graph::Registry& registry) { registry.add<HotspotNode>(); }

}  // namespace mito::nodes
