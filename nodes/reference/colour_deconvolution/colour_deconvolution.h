#pragma once
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/pathology.h"
#include "engine/types/stain_tile.h"

namespace mito::colour_deconvolution {

struct Params {
  std::string matrix = "HED";
  std::vector<double> rows = {};
  bool unit_rows = true;
  std::string convention = "physical";
  double eps = 1e-6;
  bool floor_at_eps = false;
  double scale = 1;
  bool clip_negative = false;

  static void describe(auto& p, auto&& field) {
    field(
        "matrix", p.matrix,
        {.choices = {"HED", "HDX", "raw2001", "custom"},
         .origin = Origin::Paper,
         .doc = "Stain matrix. HDX: haematoxylin, DAB and what is perpendicular to both. raw2001: "
                "HED with haematoxylin as the paper quotes it."});
    field("rows", p.rows, {.doc = "Of matrix custom: nine numbers, three stains by R, G, B."});
    field("unit_rows", p.unit_rows,
          {.origin = Origin::Paper, .doc = "Divide the rows of the matrix by their length."});
    field("convention", p.convention,
          {.choices = {"paper", "physical", "skimage", "custom"},
           .doc = "How light becomes optical density. paper: eps = 2. physical: eps = 1e-6. "
                  "skimage: as scikit-image from 0.18 on. custom: as the parameters below say."});
    field("eps", p.eps,
          {.range = {1e-12, 100}, .doc = "Of convention custom: added to light in [0, 1]."});
    field("floor_at_eps", p.floor_at_eps,
          {.doc = "Of convention custom: raise light to at least eps instead of adding eps."});
    field("scale", p.scale,
          {.range = {1e-6, 1e6}, .doc = "Of convention custom: amounts are divided by it."});
    field("clip_negative", p.clip_negative,
          {.doc = "Of convention custom: negative amounts become 0."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// Amounts of the stains from 8-bit pixels: S = -ln(P + eps) M^-1 (Sec. IV-B eq. 5, method 4.1,
/// 4.2). By tables; equal to the formula in double precision, rounded to float. Core and halo.
/// Throws DataError when the pixels do not match the tile.
StainTile deconvolve(const Tile& tile, const Params& params);

/// The way back, P = exp(-S M) - eps (eq. 7), as 8-bit pixels, by the recipe the amounts were made
/// with. Gives the very pixels back unless the recipe clips amounts.
/// Throws DataError when the amounts do not match the tile.
Tile compose(const StainTile& stains);

}  // namespace mito::colour_deconvolution
