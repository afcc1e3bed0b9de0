#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .sink = true};
  using Params = export_overlay::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"slide", "detections", "hotspot",
                                                           "mask"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const Slide& slide,
                          const DetectionSet* detections,
                          const Hotspot* hotspot,
                          const TissueMask* mask) {
    const std::string png = export_overlay::draw_png(slide, detections, hotspot, mask, params);
    write_file(context.out_folder / "overlay.png", png);
    return {"overlay.png", sha256(png)};
  }
};

}  // namespace

void register_export_overlay(graph::Registry& registry) { registry.add<ExportOverlay>(); }

}  // namespace mito::nodes
