#include "engine/types/stain_tile.h"

#include "engine/types/grid_attributes.h"

namespace mito {
namespace {

void describe_recipe(Description<StainRecipe>& d) {
  d.attribute("matrix", &StainRecipe::matrix, {"HED, HDX, raw2001 or custom."});
  d.attribute("convention", &StainRecipe::convention, {"paper, physical, skimage or custom."});
  d.numbers("rows",
            [](auto& recipe) {
              auto& [a, b, c] = recipe.rows;
              return std::tie(a[0], a[1], a[2], b[0], b[1], b[2], c[0], c[1], c[2]);
            },
            {"The matrix as it was used: stains by R, G, B."});
  for (std::size_t i = 0; i < 3; ++i)
    d.attribute(
        "stain_" + std::to_string(i + 1), [i](auto& recipe) -> auto& { return recipe.stains[i]; },
        {"Name of this stain."});
  d.attribute("eps", &StainRecipe::eps, {"Added to the light before its logarithm is taken."});
  d.attribute("floor_at_eps", &StainRecipe::floor_at_eps,
              {"1 when light below `eps` is raised to it instead."});
  d.attribute("scale", &StainRecipe::scale, {"What amounts are divided by."});
  d.attribute("clip_negative", &StainRecipe::clip_negative,
              {"1 when negative amounts were set to 0."});
}

}  // namespace

void Payload<StainTile>::describe(Description<StainTile>& d) {
  d.about("Stain amounts of one tile, and by which formula they were made.");
  d.within(&StainTile::grid, describe_grid);
  d.attribute("halo", &StainTile::halo, {"Pixels around the core, the same on every side.", "px"});
  d.within(&StainTile::recipe, describe_recipe);
  d.row("core", [](auto& t) { return std::tie(t.core.x, t.core.y, t.core.width, t.core.height); },
        {"x, y, width, height of the tile's core on the grid.", "px"});
  d.array("amounts", &StainTile::amounts,
          [](const StainTile& tile) {
            const Rect area = tile.area();
            return std::vector<std::uint64_t>{static_cast<std::uint64_t>(area.height),
                                              static_cast<std::uint64_t>(area.width), 3};
          },
          "[height, width, 3]", "dataset 'amounts' does not match the tile",
          {"Amount of each stain, core and halo."});
}

template struct DescribedCodec<StainTile>;

}  // namespace mito
