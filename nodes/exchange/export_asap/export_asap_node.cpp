#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/exchange/export_asap/export_asap.h"

namespace mito::nodes {
namespace {

/// detections, their slide -> detections.xml in the output folder.
struct ExportAsap {
  static constexpr graph::NodeInfo kInfo{.type = "export_asap",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Writes detections as annotations of ASAP.",
                                         .inputs = {"detections", "slide"},
                                         .sink = true};

  static OutputFile run(const DetectionSet& detections, const Slide& /*slide*/) {
    return {"detections.xml", export_asap::to_asap_xml(detections)};
  }
};

}  // namespace

void register_export_asap(graph::Registry& registry) { registry.add<ExportAsap>(); }

}  // namespace mito::nodes
