#pragma once
#include <vector>

#include "engine/types/pathology.h"

namespace mito::image {

/// The border of a region, and of each hole in it, by its corners on level 0.
struct Outline {
  std::vector<PointL0> outer;
  std::vector<std::vector<PointL0>> holes;
};

/// Around what the mask calls `kind`, 8-connected regions from top to bottom, each simplified to a
/// pixel of the mask; regions of fewer than three corners are left out.
std::vector<Outline> outlines(const TissueMask& mask, Ground kind);

/// Corners of a circle, on level 0; as many as look round where none are told.
std::vector<PointL0> circle(const Grid& grid,
                            const PointL0& at,
                            double radius_um,
                            int corners = 180);

}  // namespace mito::image
