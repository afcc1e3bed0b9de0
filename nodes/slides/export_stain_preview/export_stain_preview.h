#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"
#include "engine/types/standardisation.h"

namespace mito::export_stain_preview {

struct Params {
  int regions = 4;
  double region_um = 200;
  double mpp = 0.5;
  std::int64_t seed = 1;

  static void describe(auto& p, auto&& field) {
    field("regions", p.regions, {.range = {1, 32}, .doc = "Places on tissue that are shown."});
    field("region_um", p.region_um,
          {.unit = Unit::Micron, .range = {5, 5000}, .doc = "Side of each place."});
    field("mpp", p.mpp,
          {.unit = Unit::MicronPerPixel, .range = {0.1, 32}, .doc = "Resolution of the picture."});
    field("seed", p.seed, {.range = {0, 4294967295.0}, .doc = "Seed of the choice of places."});
  }
};

/// `count` squares of `side` px of `grid` (or fewer, on small slides): of a lattice over the slide,
/// those with most tissue, equal ones in random order.
std::vector<Rect> choose_places(
    const Grid& grid, const TissueMask& mask, std::int64_t side, int count, std::uint64_t seed);

/// Places of the slide, before above and after below. PNG. Throws DataError.
std::string draw_png(const Slide& before,
                     const Slide& after,
                     const TissueMask& mask,
                     const Standardisation& standardisation,
                     const Params& params);

}  // namespace mito::export_stain_preview
