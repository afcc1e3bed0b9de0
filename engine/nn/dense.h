#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/nn/backend.h"
#include "engine/types/geometry.h"
#include "engine/types/pathology.h"

namespace mito::nn {

/// Pixels of a rectangle of a grid, RGB 8 bit [area.height][area.width][3]; not owned.
struct PixelView {
  Rect area;
  std::span<const std::uint8_t> rgb;
};

/// Copies `wanted` out of `pixels`; white where it lies outside. Throws DataError when the buffer
/// does not match its area.
std::vector<std::uint8_t> cut(const PixelView& pixels, const Rect& wanted);

/// The patch of `side` px of an object at grid pixel (x, y), which becomes patch pixel (side / 2,
/// side / 2), as float RGB in [0,1], [3][side][side], written to `out`. Method 6.1.
void cut_patch(const PixelView& pixels,
               std::int64_t x,
               std::int64_t y,
               std::span<float> out,
               std::int64_t side = kPatch);

/// Evaluates patches of any images one after the other, in batches of fixed size: a value does not
/// depend on the other patches. Holds the pixels of one batch.
class PatchScorer {
 public:
  explicit PatchScorer(const Network& network);

  /// The patch of the object at grid pixel (x, y); see cut_patch().
  void add(const PixelView& pixels, std::int64_t x, std::int64_t y);

  /// Probability of class 1 of every patch so far, in the order they were added. Call once.
  std::vector<float> finish();

 private:
  void evaluate();

  const Network& network_;
  std::size_t numbers_;  ///< Of a patch.
  std::vector<float> batch_;
  std::int64_t waiting_ = 0;  ///< Patches in the batch.
  std::vector<float> out_;
};

/// Mitosis probability of the patches at `points` (pairs x, y), evaluated in batches of fixed size:
/// a value does not depend on the other points.
std::vector<float> patch_probabilities(const Network& network,
                                       const PixelView& pixels,
                                       std::span<const std::int64_t> points);

/// The same for patches that are cut already, [count][3][100][100]. Throws DataError when the size
/// does not fit.
std::vector<float> patch_probabilities(const Network& network,
                                       std::span<const float> patches,
                                       std::int64_t count);

/// Dense evaluation in fixed blocks (method 9.1): value (i, j) of the result belongs to grid pixel
/// (core.x + 4j, core.y + 4i). The grid is divided into blocks of 256 px that start at its origin.
/// The network is given rectangles of them, as large as its dense_parts() allow, and a value does
/// not depend on `core`, as long as the pixels of its block are there: before_px before it, and
/// behind_px + context_px behind. Blocks that `wanted` refuses stay 0. `core.x` and
/// `core.y` must be multiples of 4; throws DataError when they are not.
///
/// With more than one view a value is the mean over the first `views` of the eight mirrored and
/// transposed images of the same pixels (test-time augmentation): as they are, mirrored left to
/// right, top to bottom, both, and these four transposed. Mirrored, a part also needs
/// behind_px + context_px + 3 pixels before it, and before_px behind.
std::vector<float> dense_probabilities(const Network& network,
                                       const PixelView& pixels,
                                       const Rect& core,
                                       const std::function<bool(const Rect& block)>& wanted,
                                       int views = 1);

/// The middles of the boxes that a network finds in `core`, block by block as above: what is found
/// in a block does not depend on the others.
std::vector<ScoredPoint> box_centres(const Network& network,
                                     const PixelView& pixels,
                                     const Rect& core,
                                     const std::function<bool(const Rect& block)>& wanted);

/// The highest value of a dense map in `part` of its core.
float highest_in(const ProbabilityTile& map, const Rect& part);

}  // namespace mito::nn
