#include "engine/graph/node.h"
#include "nodes/exchange/export_mask/export_mask.h"

namespace mito::nodes {
namespace {

/// mask -> mask.png in the output folder.
struct ExportMask {
  static constexpr graph::NodeInfo kInfo{.type = "export_mask",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Writes a tissue mask as PNG.",
                                         .inputs = {"mask"},
                                         .sink = true};

  static OutputFile run(const TissueMask& mask) { return {"mask.png", export_mask::to_png(mask)}; }
};

}  // namespace

void register_export_mask(graph::Registry& registry) { registry.add<ExportMask>(); }

}  // namespace mito::nodes
