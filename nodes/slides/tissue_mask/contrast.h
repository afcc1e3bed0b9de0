#pragma once
#include <cstdint>
#include <span>

#include "nodes/slides/tissue_mask/tissue_mask.h"

namespace mito::tissue_mask {

/// The mask of a thumbnail `rgb` [grid.height][grid.width][3] by FESI (Bug et al. 2015): tissue is
/// where the local contrast is above its mean; the background is filled from its widest place, and
/// far, thin regions are dropped. Made for 10 um/px. Method 2.2. Throws DataError when the buffer
/// does not match.
TissueMask by_contrast(std::span<const std::uint8_t> rgb, const Grid& grid, const Params& params);

}  // namespace mito::tissue_mask
