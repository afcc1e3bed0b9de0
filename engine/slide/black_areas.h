#pragma once
#include <memory>

#include "engine/slide/pixel_source.h"

namespace mito::slide {

/// The pixels of `source` with those areas white and not scanned that are opaque black because
/// nothing was scanned there: areas of black without texture that touch the border of the slide or
/// what is transparent, and large ones inside, of whatever shape (of pure black, as a filled-up
/// tile is, from 60 um on). `mpp_x` and `mpp_y` are um per level-0 pixel.
///
/// They are looked for once, at the first read, on cells of 8 um (2 um on small slides) of the
/// coarsest level that is fine enough. Within 32 um of what is found, and along the border, a pixel
/// of any level then is not scanned when it lies in black that is flat over about 2 um, or is dark
/// and beside such black: the rim that JPEG smears. A pixel's value never depends on the area asked
/// for; slides without black areas keep every pixel.
std::unique_ptr<PixelSource> without_black_areas(std::unique_ptr<PixelSource> source,
                                                 double mpp_x,
                                                 double mpp_y);

}  // namespace mito::slide
