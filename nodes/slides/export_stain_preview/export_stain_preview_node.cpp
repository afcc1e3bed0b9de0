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
      .inputs = {"before", "after", "mask", "standardisation"},
      .sink = true};

  static OutputFile run(const export_stain_preview::Params& params,
                        const Slide& before,
                        const Slide& after,
                        const TissueMask& mask,
                        const Standardisation& standardisation) {
    return {"stain_preview.png",
            export_stain_preview::draw_png(before, after, mask, standardisation, params)};
  }
};

}  // namespace

void register_export_stain_preview(graph::Registry& registry) {
  registry.add<ExportStainPreview>();
}

}  // namespace mito::nodes
