#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"

namespace mito::tiles {

struct Params {
  int size_px = 1024;
  double halo_um = 100;

  static void describe(auto& p, auto&& field) {
    field("size_px", p.size_px,
          {.unit = Unit::Pixel,
           .range = {256, 8192},
           .doc = "Side of a tile's core in pixels of the analysis grid; a multiple of 256."});
    field("halo_um", p.halo_um,
          {.unit = Unit::Micron,
           .range = {12.5, 500},
           .doc = "Pixels read around the core, so that results do not depend on the tiling: four "
                  "cell diameters."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// Cores of the tiles that hold tissue, in raster order: squares of `size_px` from (0, 0) of the
/// slide's analysis grid on. The last ones may reach beyond the slide.
std::vector<Rect> plan(const Grid& analysis, const TissueMask& mask, const Params& params);

/// Reads one tile, core and halo, white off the slide. Throws DataError: see Slide::read.
Tile read(const Slide& slide, const Rect& core, const Params& params);

}  // namespace mito::tiles
