#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "engine/types/geometry.h"
#include "engine/types/training.h"

namespace mito::nn {

/// A rectangle of the analysis grid to read at once, and the points (indices) whose patches of
/// 100 x 100 px lie in it.
struct PatchRegion {
  Rect area;
  std::vector<std::size_t> points;
};

/// How the patches around `points` (method 6.1: the point becomes patch pixel (50, 50)) are read:
/// points of one block of 512 px together when they fill a fair part of the rectangle around them,
/// else one by one. Every point is in one region; a region is at most 611 px wide and high. In
/// raster order of the blocks.
std::vector<PatchRegion> patch_regions(std::span<const GridPoint> points);

}  // namespace mito::nn
