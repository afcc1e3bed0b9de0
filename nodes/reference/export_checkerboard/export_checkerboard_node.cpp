#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/reference/export_checkerboard/export_checkerboard.h"

namespace mito::nodes {
namespace {

/// two slides and how they lie -> checkerboard.png in the output folder.
struct ExportCheckerboard {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_checkerboard",
      .version = 1,
      .paper = "III-B",
      .summary = "Draws two registered slides in alternating squares.",
      .inputs = {"he", "phh3", "global"},
      .sink = true};

  static OutputFile run(const export_checkerboard::Params& params,
                        const Slide& he,
                        const Slide& phh3,
                        const GlobalRegistration& global) {
    return {"checkerboard.png", export_checkerboard::draw_png(he, phh3, global, params)};
  }
};

}  // namespace

void register_export_checkerboard(graph::Registry& registry) { registry.add<ExportCheckerboard>(); }

}  // namespace mito::nodes
