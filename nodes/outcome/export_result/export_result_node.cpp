#include "engine/graph/node.h"
#include "nodes/outcome/export_result/export_result.h"

namespace mito::nodes {
namespace {

/// everything found on a slide [, the model used] -> result.json in the output folder.
struct ExportResult {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_result",
      .version = 3,
      .paper = "-",
      .summary = "Writes the result of a slide as JSON.",
      .inputs = {"slide", "mask", "detections", "hotspot", "grade", "model"},
      .sink = true};

  static OutputFile run(const graph::NodeContext& context,
                        const Slide& slide,
                        const TissueMask& mask,
                        const DetectionSet& detections,
                        const Hotspot& hotspot,
                        const Grade& grade,
                        const nn::Model* model) {
    return {"result.json", export_result::to_json({slide.info(), mask, detections, hotspot, grade,
                                                   model, context.seconds()})};
  }
};

}  // namespace

void register_export_result(graph::Registry& registry) { registry.add<ExportResult>(); }

}  // namespace mito::nodes
