#include "engine/graph/node.h"
#include "nodes/outcome/export_overlay/export_overlay.h"

namespace mito::nodes {
namespace {

/// slide [, its detections, hotspot and mask] -> overlay.png in the output folder.
struct ExportOverlay {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_overlay",
      .version = 2,
      .paper = "-",
      .summary = "Draws detections, the hotspot and the tissue over a thumbnail of the slide.",
      .inputs = {"slide", "detections", "hotspot", "mask"},
      .sink = true};

  static OutputFile run(const export_overlay::Params& params,
                        const Slide& slide,
                        const DetectionSet* detections,
                        const Hotspot* hotspot,
                        const TissueMask* mask) {
    return {"overlay.png", export_overlay::draw_png(slide, detections, hotspot, mask, params)};
  }
};

}  // namespace

void register_export_overlay(graph::Registry& registry) { registry.add<ExportOverlay>(); }

}  // namespace mito::nodes
