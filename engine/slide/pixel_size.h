#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/slide/slide.h"
#include "engine/tiff/directory.h"

namespace mito::slide {

/// Fills the resolution of `info` in, whose path, vendor and size are known, from `options`, the
/// header of the slide (OpenSlide's properties) and its TIFF pages (none for other files). Throws
/// DataError with one line that says how to go on: no resolution, one that no microscope has, too
/// coarse, anisotropic (method 0.2).
void find_resolution(SlideInfo& info,
                     const std::map<std::string, std::string>& header,
                     const std::vector<tiff::Directory>& pages,
                     const SlideOptions& options);

}  // namespace mito::slide
