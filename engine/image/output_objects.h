#pragma once
#include <cstdint>
#include <vector>

namespace mito::image {

/// One output of the network with a probability that counts, at a pixel of the analysis grid.
struct Output {
  std::int64_t x = 0;
  std::int64_t y = 0;
  double probability = 0;
  bool operator==(const Output&) const = default;
};

/// A connected set of outputs, in pixels of the analysis grid.
struct Object {
  double x = 0;
  double y = 0;
  double score = 0;         ///< Highest probability.
  std::int64_t pixels = 0;  ///< Outputs.
  bool operator==(const Object&) const = default;
};

enum class Position : std::uint8_t { Centroid, Argmax };

/// 8-connected components of `outputs`, which lie on a lattice of `stride` px and in any order;
/// positions occur once. In raster order of each component's first output. Method 9.2.
std::vector<Object> connect(std::vector<Output> outputs, std::int64_t stride, Position position);

/// Best first: by score, ties by y, then x.
void sort_best_first(std::vector<Object>& objects);

/// Non-maximum suppression: best first, an object closer than `distance_px` to one that was kept is
/// dropped. Returns the kept ones, best first. Method 9.2.
std::vector<Object> suppress(std::vector<Object> objects, double distance_px);

}  // namespace mito::image
