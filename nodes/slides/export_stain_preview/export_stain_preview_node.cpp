#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "nodes/slides/export_stain_preview/export_stain_preview.h"

namespace mito::nodes {
namespace {

/// a slide before and after, its mask and standardisation -> stain_preview.png.
struct ExportStainPreview {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_stain_preview",
      .version = 1,
      .paper = "II",
      .summary = "Draws places of a slide before and after stain standardisation.",
      .sink = true};
  using Params = export_stain_preview::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"before", "after", "mask",
                                                           "standardisation"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const Slide& before,
                          const Slide& after,
                          const TissueMask& mask,
                          const Standardisation& standardisation) {
    const std::string png =
        export_stain_preview::draw_png(before, after, mask, standardisation, params);
    write_file(context.out_folder / "stain_preview.png", png);
    return {"stain_preview.png", sha256(png)};
  }
};

}  // namespace

void register_export_stain_preview(graph::Registry& registry) {
  registry.add<ExportStainPreview>();
}

}  // namespace mito::nodes
