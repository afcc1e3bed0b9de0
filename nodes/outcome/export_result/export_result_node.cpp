#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "nodes/outcome/export_result/export_result.h"

namespace mito::nodes {
namespace {

/// everything found on a slide [, the model used] -> result.json in the output folder.
struct ExportResult {
  static constexpr graph::NodeInfo kInfo{.type = "export_result",
                                         .version = 2,
                                         .paper = "-",
                                         .summary = "Writes the result of a slide as JSON.",
                                         .sink = true};
  using Params = NoParams;
  static constexpr std::array<std::string_view, 6> kInputs{"slide",   "mask",  "detections",
                                                           "hotspot", "grade", "model"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& /*params*/,
                          const graph::NodeContext& context,
                          const Slide& slide,
                          const TissueMask& mask,
                          const DetectionSet& detections,
                          const Hotspot& hotspot,
                          const Grade& grade,
                          const nn::Model* model) {
    const std::string text = export_result::to_json(
        {slide.info(), mask, detections, hotspot, grade, model, context.seconds()});
    write_file(context.out_folder / "result.json", text);
    return {"result.json", sha256(text)};
  }
};

}  // namespace

void register_export_result(graph::Registry& registry) { registry.add<ExportResult>(); }

}  // namespace mito::nodes
