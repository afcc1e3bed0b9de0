#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/image/morphology.h"
#include "engine/types/pathology.h"

namespace mito::tissue_mask {

struct Params {
  std::string method = "otsu";
  double mpp = 8;
  double s_floor = 15;
  double closing_um = 16;
  double opening_um = 8;
  double min_region_um = 100;
  double max_hole_um = 250;
  bool fail_if_empty = false;

  static void describe(auto& p, auto&& field) {
    field(
        "method", p.method,
        {.choices = {"otsu", "file"},
         .doc = "How tissue is found: a threshold on the colour saturation, or a mask file made by "
                "another tool (input `file`; single channel, not 0 = tissue, covers the slide)."});
    field("mpp", p.mpp,
          {.unit = Unit::MicronPerPixel, .range = {1, 64}, .doc = "Resolution of the mask."});
    field("s_floor", p.s_floor,
          {.unit = Unit::Intensity,
           .range = {0, 255},
           .doc = "Tissue has a saturation (0..255) above this, whatever the threshold found."});
    field("closing_um", p.closing_um,
          {.unit = Unit::Micron, .range = {0, 500}, .doc = "Radius of the closing disc."});
    field("opening_um", p.opening_um,
          {.unit = Unit::Micron, .range = {0, 500}, .doc = "Radius of the opening disc."});
    field("min_region_um", p.min_region_um,
          {.unit = Unit::Micron,
           .range = {0, 1e5},
           .doc = "Regions whose bounding box has a diagonal up to this are dropped."});
    field("max_hole_um", p.max_hole_um,
          {.unit = Unit::Micron,
           .range = {0, 1e5},
           .doc = "Holes whose bounding box has a diagonal up to this are filled."});
    field("fail_if_empty", p.fail_if_empty,
          {.doc = "A slide without tissue is an error instead of a warning."});
  }
};

/// Drops 8-connected regions with a bounding-box diagonal <= `min_region_px`, then fills
/// 4-connected holes off the border with a diagonal <= `max_hole_px`. METHODS 2.3.
image::Gray clean_regions(const image::Gray& mask, double min_region_px, double max_hole_px);

/// The mask of a thumbnail `rgb` [grid.height][grid.width][3] by Otsu's threshold on the
/// saturation, closed, opened and cleaned. METHODS 2.1, 2.3. Throws DataError when the buffer does
/// not match.
TissueMask from_thumbnail(std::span<const std::uint8_t> rgb,
                          const Grid& grid,
                          const Params& params);

/// A mask made elsewhere, laid over a slide of `slide_width` x `slide_height` level-0 pixels and
/// resampled nearest to `grid`; not cleaned up. `threshold` is NaN. METHODS 2.4.
TissueMask from_file(const image::Gray& file,
                     std::int64_t slide_width,
                     std::int64_t slide_height,
                     const Grid& grid);

}  // namespace mito::tissue_mask
