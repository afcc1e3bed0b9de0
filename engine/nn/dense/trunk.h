#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/dense/memory.h"

namespace mito::nn::dense {

/// Pixels that are read: RGB 8 bit [height][width][3], white outside.
struct Pixels {
  std::span<const std::uint8_t> rgb;
  std::size_t height = 0;
  std::size_t width = 0;
};

/// Layers 1 to 8 of a Table II network (method 7.1): everything before the 14 x 14 layer.
///
/// Feature (i, j) sees the pixels from (4i, 4j) on. The layers of stride 1 but the first run on a
/// fixed grid of 4 x 4 outputs that starts at pixel (0, 0), the others one output at a time: a
/// feature depends on pixels and on its place in that grid, not on the extent that is asked for.
class Trunk {
 public:
  static constexpr std::size_t kLayers = 8;

  Trunk(const Architecture& architecture, const Tensors& tensors);

  std::size_t channels() const { return layers_.back().out_channels; }

  /// Pixels that `count` features along an axis read; `count` is a multiple of 4.
  static std::size_t pixels(std::size_t count);

  /// What one run needs for itself; kept for the next one.
  class Scratch;

  /// Writes features [rows][columns][step], whose padding channels it leaves alone. `rows` and
  /// `columns` are multiples of 4, `step` at least the channels rounded up to 8.
  void run(const Pixels& in,
           std::size_t rows,
           std::size_t columns,
           float* features,
           std::size_t step,
           Scratch& scratch) const;

 private:
  struct Layer {
    std::size_t in_channels = 0;
    std::size_t out_channels = 0;
    std::size_t stride = 1;
    bool winograd = false;
    Floats weights;
    Floats bias;
  };
  class Strip;

  std::vector<Layer> layers_;
  float slope_ = 0;
};

class Trunk::Scratch {
 private:
  friend class Trunk;
  friend class Trunk::Strip;
  std::array<Floats, kLayers> rows_;  ///< A few rows of pixels and of layers 1 to 7.
  Floats products_;
};

}  // namespace mito::nn::dense
