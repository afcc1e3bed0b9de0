#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/exchange/export_csv/export_csv.h"

namespace mito::nodes {
namespace {

/// detections, their slide -> detections.csv in the output folder.
struct ExportCsv {
  static constexpr graph::NodeInfo kInfo{.type = "export_csv",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Writes detections as a CSV table.",
                                         .sink = true};
  using Params = NoParams;
  static constexpr std::array<std::string_view, 2> kInputs{"detections", "slide"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& /*params*/,
                          const graph::NodeContext& context,
                          const DetectionSet& detections,
                          const Slide& slide) {
    const std::string text = export_csv::to_csv(detections, slide.info().name);
    write_file(context.out_folder / "detections.csv", text);
    return {"detections.csv", sha256(text)};
  }
};

}  // namespace

void register_export_csv(graph::Registry& registry) { registry.add<ExportCsv>(); }

}  // namespace mito::nodes
