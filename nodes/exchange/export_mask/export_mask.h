#pragma once
#include <string>

#include "engine/types/pathology.h"

namespace mito::export_mask {

/// The mask as a PNG of 8 bits over the whole slide, 255 on tissue: one pixel per pixel of the
/// mask. `tissue_mask` with `method: file` reads it back as the same mask.
std::string to_png(const TissueMask& mask);

}  // namespace mito::export_mask
