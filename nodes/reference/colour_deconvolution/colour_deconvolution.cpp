#include "nodes/reference/colour_deconvolution/colour_deconvolution.h"

#include "engine/core/error.h"
#include "engine/image/hed.h"

namespace mito::colour_deconvolution {
namespace {

image::StainConvention convention(const Params& params) {
  if (params.convention != "custom") return image::stain_convention(params.convention);
  return {params.eps, params.floor_at_eps, params.scale, params.clip_negative};
}

std::size_t values(const Rect& area) {
  return static_cast<std::size_t>(area.width * area.height) * 3;
}

}  // namespace

std::string check(const Params& params) {
  try {
    image::stain_matrix(params.matrix, params.rows, params.unit_rows);
  } catch (const DataError& error) {
    return error.what();
  }
  const Params defaults;
  const bool own = params.eps != defaults.eps || params.floor_at_eps != defaults.floor_at_eps ||
                   params.scale != defaults.scale || params.clip_negative != defaults.clip_negative;
  if (own && params.convention != "custom")
    return "eps, floor_at_eps, scale and clip_negative belong to convention: custom";
  return "";
}

StainTile deconvolve(const Tile& tile, const Params& params) {
  if (tile.rgb.size() != values(tile.area()))
    throw DataError("the tile's pixels do not match its size");
  const auto matrix = image::stain_matrix(params.matrix, params.rows, params.unit_rows);
  const auto how = convention(params);
  StainTile out{tile.grid,
                tile.core,
                tile.halo,
                {params.matrix, params.convention, matrix.stains, matrix.rows, how.eps,
                 how.floor_at_eps, how.scale, how.clip_negative},
                std::vector<float>(tile.rgb.size())};
  image::StainTransform(matrix.rows, how).to_stain(tile.rgb, out.amounts);
  return out;
}

Tile compose(const StainTile& stains) {
  if (stains.amounts.size() != values(stains.area()))
    throw DataError("the stain amounts do not match the tile");
  const auto& recipe = stains.recipe;
  const image::StainTransform transform(
      recipe.rows, {recipe.eps, recipe.floor_at_eps, recipe.scale, recipe.clip_negative});
  Tile out{stains.grid, stains.core, stains.halo, std::vector<std::uint8_t>(stains.amounts.size())};
  transform.to_rgb(stains.amounts, out.rgb);
  return out;
}

}  // namespace mito::colour_deconvolution
