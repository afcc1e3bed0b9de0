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
  double mpp = kAnalysisMpp;

  static void describe(auto& p, auto&& field) {
    field("size_px", p.size_px,
          {.unit = Unit::Pixel,
           .range = {256, 8192},
           .doc = "Side of a tile's core in pixels of its grid; a multiple of 256."});
    field("halo_um", p.halo_um,
          {.unit = Unit::Micron,
           .range = {12.5, 500},
           .doc = "Pixels read around the core, so that results do not depend on the tiling: four "
                  "cell diameters."});
    field("mpp", p.mpp,
          {.range = {0.1, 8},
           .doc = "um per pixel of the tiles. 0.25 is the analysis grid of the networks, for which "
                  "a slide within 5 % of it keeps its own pixels."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// The grid that tiles of `slide` lie on: its analysis grid, or one of another `mpp`.
Grid grid(const Slide& slide, const Params& params);

/// Cores of the tiles that hold tissue, in raster order: squares of `size_px` from (0, 0) of
/// `grid` on. The last ones may reach beyond the slide.
std::vector<Rect> plan(const Grid& grid, const TissueMask& mask, const Params& params);

/// Reads one tile, core and halo, white off the slide. Throws DataError: see Slide::read.
Tile read(const Slide& slide, const Rect& core, const Params& params);

}  // namespace mito::tiles
