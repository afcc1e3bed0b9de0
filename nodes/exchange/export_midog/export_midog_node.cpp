#include "engine/graph/node.h"
#include "nodes/exchange/export_midog/export_midog.h"

namespace mito::nodes {
namespace {

/// detections -> mitotic-figures.json in the output folder of the slide.
struct ExportMidog {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_midog",
      .version = 1,
      .paper = "-",
      .summary = "Writes detections in millimetres, as the MIDOG challenge takes them.",
      .inputs = {"detections"},
      .sink = true};

  static OutputFile run(const DetectionSet& detections) {
    return {export_midog::kFile, export_midog::to_json(detections)};
  }
};

}  // namespace

void register_export_midog(graph::Registry& registry) { registry.add<ExportMidog>(); }

}  // namespace mito::nodes
