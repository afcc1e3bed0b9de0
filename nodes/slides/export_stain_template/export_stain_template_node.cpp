#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/slides/export_stain_template/export_stain_template.h"

namespace mito::nodes {
namespace {

/// standardisations of slides -> stain_template.json in the output folder.
struct ExportStainTemplate {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_stain_template",
      .version = 1,
      .paper = "II",
      .summary = "Writes the stain statistics of slides, pooled, as a template for others.",
      .sink = true};
  using Params = export_stain_template::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"standardisation"};
  static constexpr std::string_view kOutput = "file";

  struct Acc {
    Params params;
    std::filesystem::path folder;
    std::vector<Standardisation> slides;
  };

  static Acc begin(const Params& params,
                   const graph::NodeContext& context,
                   std::uint32_t /*size*/) {
    return {params, context.out_folder, {}};
  }
  static void add(Acc& acc, std::uint32_t /*index*/, const Standardisation& standardisation) {
    acc.slides.push_back(standardisation);
  }
  static FileArtifact finish(Acc acc) {
    const std::string text =
        stain::template_json(export_stain_template::from_slides(acc.slides, acc.params));
    write_file(acc.folder / "stain_template.json", text);
    return {"stain_template.json", sha256(text)};
  }
};

}  // namespace

void register_export_stain_template(graph::Registry& registry) {
  registry.add<ExportStainTemplate>();
}

}  // namespace mito::nodes
