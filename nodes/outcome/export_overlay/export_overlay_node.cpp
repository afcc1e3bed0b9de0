#include <algorithm>

#include "engine/graph/node.h"
#include "nodes/outcome/export_overlay/export_overlay.h"

namespace mito::nodes {
namespace {

/// slide [, its detections, hotspot and mask] -> overlay.jpg in the output folder.
struct ExportOverlay {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_overlay",
      .version = 3,
      .paper = "-",
      .summary = "Draws detections, the hotspot and the tissue over a thumbnail of the slide.",
      .inputs = {"slide", "detections", "hotspot", "mask"},
      .sink = true};

  /// JPEG of tissue takes up to half a byte for a pixel.
  static graph::Cost cost(const export_overlay::Params& params, const Slide& slide) {
    constexpr double kBytes = 0.5;
    const Grid& grid = slide.analysis_grid();
    const double longer = static_cast<double>(std::max(grid.width, grid.height));
    const double shrink = std::min(1.0, params.max_px / longer);
    const double pixels = static_cast<double>(grid.width) * static_cast<double>(grid.height);
    return {.output_mib = kBytes * shrink * shrink * pixels / (1 << 20)};
  }
  static OutputFile run(const export_overlay::Params& params,
                        const Slide& slide,
                        const DetectionSet* detections,
                        const Hotspot* hotspot,
                        const TissueMask* mask) {
    return {"overlay.jpg", export_overlay::draw_jpeg(slide, detections, hotspot, mask, params)};
  }
};

}  // namespace

void register_export_overlay(graph::Registry& registry) { registry.add<ExportOverlay>(); }

}  // namespace mito::nodes
