#include "engine/graph/node.h"
#include "nodes/slides/standardised_slide/standardised_slide.h"

namespace mito::nodes {
namespace {

/// slide, how its colours become those of a template -> the slide in these colours.
struct StandardisedSlide {
  static constexpr graph::NodeInfo kInfo{
      .type = "standardised_slide",
      .version = 1,
      .paper = "II",
      .summary = "Shows a slide in the colours of a template: usable wherever a slide is."};
  using Params = standardised_slide::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"slide", "standardisation"};
  static constexpr std::string_view kOutput = "slide";

  /// The tables of all slides of a run.
  struct State {
    std::shared_ptr<stain::ColourTables> tables;
  };

  static State prepare(const Params& params) { return {standardised_slide::make_tables(params)}; }
  static Slide run(const State& state, const Slide& slide, const Standardisation& standardisation) {
    return standardised_slide::standardised(slide, standardisation, state.tables);
  }
};

}  // namespace

void register_standardised_slide(graph::Registry& registry) { registry.add<StandardisedSlide>(); }

}  // namespace mito::nodes
