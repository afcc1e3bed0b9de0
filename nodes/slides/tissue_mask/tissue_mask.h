#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/image/morphology.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"

namespace mito::tissue_mask {

struct Params {
  std::string method = "auto";
  double mpp = 8;
  double glass_od = 0.05;
  double s_floor = 15;
  double closing_um = 16;
  double opening_um = 8;
  double min_region_um = 100;
  double max_hole_um = 250;
  bool fail_if_empty = false;

  static void describe(auto& p, auto&& field) {
    field(
        "method", p.method,
        {.choices = {"auto", "otsu", "fesi", "file"},
         .doc = "How tissue is found. auto: everything that was scanned and is neither pen nor "
                "glass, where glass is judged against the slide's own white; otsu: a threshold on "
                "the colour saturation, which needs a slide with enough glass; fesi: local "
                "contrast and distance (Bug et al. 2015, at mpp 10); file: a mask made by another "
                "tool (input `file`; single channel, not 0 = tissue, covers the slide). A slide "
                "that a "
                "manifest gives a mask has that, whatever the method."});
    field("mpp", p.mpp,
          {.unit = Unit::MicronPerPixel, .range = {1, 64}, .doc = "Resolution of the mask."});
    field("glass_od", p.glass_od,
          {.range = {0.01, 1},
           .doc = "auto: optical density (natural logarithm, against the slide's white, in the "
                  "densest of the three colours) up to which a pixel is glass."});
    field("s_floor", p.s_floor,
          {.unit = Unit::Level,
           .range = {0, 255},
           .doc = "otsu: tissue has a saturation (0..255) above this, whatever the threshold "
                  "found."});
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

/// The mask of `slide` by `params.method`, which is not "file". Method 2. Throws DataError when
/// pixels cannot be read.
TissueMask find(const Slide& slide, const Params& params);

/// Drops 8-connected regions with a bounding-box diagonal <= `min_region_px`, then fills
/// 4-connected holes off the border with a diagonal <= `max_hole_px`. Method 2.3.
image::Gray clean_regions(const image::Gray& mask, double min_region_px, double max_hole_px);

/// The mask of a thumbnail `rgb` [grid.height][grid.width][3] by Otsu's threshold on the
/// saturation, closed, opened and cleaned. Method 2.1b, 2.3. Throws DataError when the buffer does
/// not match.
TissueMask by_saturation(std::span<const std::uint8_t> rgb, const Grid& grid, const Params& params);

/// A mask made elsewhere, laid over a slide of `slide_width` x `slide_height` level-0 pixels and
/// resampled nearest to `grid`; not cleaned up. `threshold` is NaN. Method 2.4. Throws DataError
/// with both sizes when the mask is not of the slide's shape, give or take one of its pixels.
TissueMask from_file(const image::Gray& file,
                     std::int64_t slide_width,
                     std::int64_t slide_height,
                     const Grid& grid);

/// The whole of a mask: `ground` says what each pixel is, [grid.height][grid.width]; `tissue`,
/// area and regions follow from it.
TissueMask measured(std::vector<Ground> ground, const Grid& grid, double threshold);

/// The same of a mask that knows tissue (not 0) and glass only.
TissueMask measured(const image::Gray& tissue, const Grid& grid, double threshold);

}  // namespace mito::tissue_mask
