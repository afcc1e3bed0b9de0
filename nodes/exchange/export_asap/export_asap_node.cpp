#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
                                         .sink = true};
  using Params = NoParams;
  static constexpr std::array<std::string_view, 2> kInputs{"detections", "slide"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& /*params*/,
                          const graph::NodeContext& context,
                          const DetectionSet& detections,
                          const Slide& /*slide*/) {
    const std::string text = export_asap::to_asap_xml(detections);
    write_file(context.out_folder / "detections.xml", text);
    return {"detections.xml", sha256(text)};
  }
};

}  // namespace

void register_export_asap(graph::Registry& registry) { registry.add<ExportAsap>(); }

}  // namespace mito::nodes
