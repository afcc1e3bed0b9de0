#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/nn/backend.h"
#include "engine/types/geometry.h"
#include "engine/types/training.h"

namespace mito::nn {

/// A rectangle of the analysis grid to read at once, and the points (indices) whose patches lie in
/// it.
struct PatchRegion {
  Rect area;
  std::vector<std::size_t> points;
};

/// How the patches of `side` px around `points` (method 6.1: the point becomes patch pixel
/// (side / 2, side / 2)) are read:
/// points of one block of 512 px together when they fill a fair part of the rectangle around them,
/// else one by one. Every point is in one region; a region is at most 511 px + `side` wide and
/// high. In raster order of the blocks.
std::vector<PatchRegion> patch_regions(std::span<const GridPoint> points,
                                       std::int64_t side = kPatch);

/// Reads pixels of the analysis grid, RGB [height][width][3], white off the slide.
using ReadPixels = std::function<std::vector<std::uint8_t>(const Rect&)>;

/// What a long computation needs from its surroundings.
struct Hooks {
  std::function<bool()> stop = [] { return false; };
  std::function<void(double)> progress = [](double) {};  ///< Fraction done in [0, 1].
};

/// Probability of class 1 of the patch around each point, in their order. Evaluated in batches of
/// fixed size: a value depends on its own patch only. Throws Interrupted when asked to stop.
std::vector<float> patch_probabilities(const Network& network,
                                       std::span<const GridPoint> points,
                                       const ReadPixels& read,
                                       const Hooks& hooks);

}  // namespace mito::nn
