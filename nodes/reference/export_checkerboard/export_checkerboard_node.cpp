#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .sink = true};
  using Params = export_checkerboard::Params;
  static constexpr std::array<std::string_view, 3> kInputs{"he", "phh3", "global"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const Slide& he,
                          const Slide& phh3,
                          const GlobalRegistration& global) {
    const std::string png = export_checkerboard::draw_png(he, phh3, global, params);
    write_file(context.out_folder / "checkerboard.png", png);
    return {"checkerboard.png", sha256(png)};
  }
};

}  // namespace

void register_export_checkerboard(graph::Registry& registry) { registry.add<ExportCheckerboard>(); }

}  // namespace mito::nodes
