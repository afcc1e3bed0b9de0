#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .sink = true};
  static constexpr std::array<std::string_view, 1> kInputs{"detections"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const NoParams& /*params*/,
                          const graph::NodeContext& context,
                          const DetectionSet& detections) {
    const auto text = export_midog::to_json(detections);
    write_file(context.out_folder / export_midog::kFile, text);
    return {export_midog::kFile, sha256(text)};
  }
};

}  // namespace

void register_export_midog(graph::Registry& registry) { registry.add<ExportMidog>(); }

}  // namespace mito::nodes
