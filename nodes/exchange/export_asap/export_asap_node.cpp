#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/exchange/export_asap/export_asap.h"

namespace mito::nodes {
namespace {

/// detections, their slide [, its hotspot, its mask] -> detections.xml in the output folder.
struct ExportAsap {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_asap",
      .version = 2,
      .paper = "-",
      .summary = "Writes detections, the hotspot and the tissue as annotations of ASAP.",
      .inputs = {"detections", "slide", "hotspot", "mask"},
      .sink = true};

  static OutputFile run(const DetectionSet& detections,
                        const Slide& /*slide*/,
                        const Hotspot* hotspot,
                        const TissueMask* mask) {
    return {"detections.xml", export_asap::to_asap_xml({detections, hotspot, mask})};
  }
};

}  // namespace

void register_export_asap(graph::Registry& registry) { registry.add<ExportAsap>(); }

}  // namespace mito::nodes
