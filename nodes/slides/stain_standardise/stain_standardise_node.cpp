#include <spdlog/spdlog.h>

#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "nodes/slides/stain_standardise/stain_standardise.h"

namespace mito::nodes {
namespace {

/// slide, its tissue mask [, template file] -> how its colours become those of the template.
struct StainStandardise {
  static constexpr graph::NodeInfo kInfo{
      .type = "stain_standardise",
      .version = 1,
      .paper = "II",
      .summary = "Estimates how the stain colours of a slide become those of a template."};
  using Params = stain_standardise::Params;
  static constexpr std::array<std::string_view, 3> kInputs{"slide", "mask", "template"};
  static constexpr std::string_view kOutput = "standardisation";

  static std::string check(const Params& params) { return stain_standardise::check(params); }
  static Standardisation run(const Params& params,
                             const graph::NodeContext& context,
                             const Slide& slide,
                             const TissueMask& mask,
                             const File* file) {
    const auto target =
        file == nullptr ? stain::default_template() : stain::read_template(file->path);
    auto out =
        stain_standardise::fit(slide, mask, target, params, {context.stop, context.progress});
    for (const auto& warning : out.warnings)
      spdlog::warn("{}: {}", slide.info().path.string(), warning);
    return out;
  }
};

}  // namespace

void register_stain_standardise(graph::Registry& registry) { registry.add<StainStandardise>(); }

}  // namespace mito::nodes
