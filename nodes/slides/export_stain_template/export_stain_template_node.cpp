#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/slides/export_stain_template/export_stain_template.h"

namespace mito::nodes {
namespace {

/// standardisations of slides -> stain_template.json in the output folder.
struct ExportStainTemplate {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_stain_template",
      .version = 2,
      .paper = "II",
      .summary = "Writes the stain statistics of slides, pooled, as a template for others.",
      .inputs = {"standardisation"},
      .sink = true};

  static void add(std::vector<Standardisation>& slides, const Standardisation& standardisation) {
    slides.push_back(standardisation);
  }
  static OutputFile finish(const export_stain_template::Params& params,
                           std::vector<Standardisation> slides) {
    return {"stain_template.json",
            stain::template_json(export_stain_template::from_slides(slides, params))};
  }
};

}  // namespace

void register_export_stain_template(graph::Registry& registry) {
  registry.add<ExportStainTemplate>();
}

}  // namespace mito::nodes
