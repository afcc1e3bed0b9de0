#include "engine/graph/node.h"
#include "nodes/reference/colour_deconvolution/colour_deconvolution.h"

namespace mito::nodes {
namespace {

/// tile -> its stain amounts.
struct ColourDeconvolution {
  static constexpr graph::NodeInfo kInfo{
      .type = "colour_deconvolution",
      .version = 1,
      .paper = "III-A",
      .summary = "Turns the colours of a tile into amounts of stain."};
  using Params = colour_deconvolution::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"tile"};
  static constexpr std::string_view kOutput = "stains";

  static std::string check(const Params& params) { return colour_deconvolution::check(params); }
  static StainTile run(const Params& params, const Tile& tile) {
    return colour_deconvolution::deconvolve(tile, params);
  }
};

/// stain amounts -> the tile they are from.
struct ColourComposition {
  static constexpr graph::NodeInfo kInfo{
      .type = "colour_composition",
      .version = 1,
      .paper = "App. B",
      .summary = "Turns amounts of stain back into the colours of a tile."};
  using Params = NoParams;
  static constexpr std::array<std::string_view, 1> kInputs{"stains"};
  static constexpr std::string_view kOutput = "tile";

  static Tile run(const Params& /*params*/, const StainTile& stains) {
    return colour_deconvolution::compose(stains);
  }
};

}  // namespace

void register_colour_deconvolution(graph::Registry& registry) {
  registry.add<ColourDeconvolution>();
  registry.add<ColourComposition>();
}

}  // namespace mito::nodes
