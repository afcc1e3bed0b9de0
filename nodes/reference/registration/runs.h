#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace mito::image {

/// Set pixels of one row: x0 <= x < x1.
struct Run {
  std::int64_t y = 0;
  std::int64_t x0 = 0;
  std::int64_t x1 = 0;

  std::int64_t length() const { return x1 - x0; }
  bool operator==(const Run&) const = default;
};

/// A binary image on the unbounded plane as its runs: in raster order, none empty, no two of a row
/// touching. Its cost is that of what is set, not of the plane: the spots of a whole slide fit.
using Runs = std::vector<Run>;

/// The runs of any rectangles' pixels put together: sorts, drops empty ones, joins those that
/// overlap or touch.
Runs normalised(Runs runs);

/// Closing (dilate, erode) with a disc: all offsets with dx^2 + dy^2 <= radius_px^2. There is no
/// border that could take part.
/// Throws std::invalid_argument for a negative radius.
Runs close_disc(const Runs& runs, double radius_px);

/// Sets the pixels that no 4-connected way over unset pixels joins with the far outside.
Runs fill_holes(const Runs& runs);

/// 8-connected components of a binary image.
struct RunComponents {
  std::vector<std::int32_t> labels;  ///< Of each run, from 0 on, in raster order of first pixels.
  std::int32_t count = 0;
};

/// Labels `runs`. Throws std::length_error beyond 2^31 - 1 runs.
RunComponents label_runs(const Runs& runs);

/// Union-find over the numbers 0 to n - 1. The root of a set is its smallest member, so that roots
/// keep an order.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t n);
  std::size_t root(std::size_t member);
  void join(std::size_t a, std::size_t b);

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace mito::image
