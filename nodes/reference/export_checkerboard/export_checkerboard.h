#pragma once
#include <string>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/restained.h"

namespace mito::export_checkerboard {

struct Params {
  int max_px = 2048;
  int squares = 16;
  double detail_um = 512;

  static void describe(auto& p, auto&& field) {
    field("max_px", p.max_px,
          {.unit = Unit::Pixel,
           .range = {200, 8192},
           .doc = "Longer side of the picture of the whole slide."});
    field("squares", p.squares,
          {.range = {2, 256}, .doc = "Squares along the longer side of a picture."});
    field("detail_um", p.detail_um,
          {.unit = Unit::Micron,
           .range = {20, 5000},
           .doc = "Side of the part that is shown enlarged, at 0.5 um/px."});
  }
};

/// The H&E slide and the PHH3 slide, laid onto it by the global registration, in alternating
/// squares: the whole slide, and beside it an enlarged part where most tissue is. Structures run on
/// across the edges of the squares when the registration is good. PNG. Throws DataError.
std::string draw_png(const Slide& he,
                     const Slide& phh3,
                     const GlobalRegistration& global,
                     const Params& params);

}  // namespace mito::export_checkerboard
