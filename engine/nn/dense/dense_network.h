#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/dense/head.h"
#include "engine/nn/dense/trunk.h"

namespace mito::nn::dense {

/// The largest side of the transforms whose filters fit into `bytes`, or the smallest there is.
/// Larger ones need fewer products per output and more memory.
std::size_t transform_side(const Architecture& architecture, std::size_t bytes);

/// A Table II network (method 7.1) over an image, with own kernels for processors: the 14 x 14
/// layer, which holds 95 % of the arithmetic, by Fourier transforms, most 3 x 3 layers by
/// Winograd's algorithm, float32 throughout. Shared by threads; every call computes on the calling
/// thread.
class DenseNetwork {
 public:
  /// `side` from transform_side(). Throws DataError when the family is not Table2; the tensors must
  /// have passed check_tensors().
  DenseNetwork(const Architecture& architecture, const Tensors& tensors, std::size_t side);
  ~DenseNetwork();

  /// Outputs along an axis are computed in whole squares that start at the first pixel; this many
  /// make whole squares for every side.
  static constexpr std::size_t kBlockOutputs = 64;

  /// Pixels along an axis that `outputs` read; those that a value only touches in its rounding are
  /// counted too.
  static std::size_t pixels(std::size_t outputs);

  /// Logits [2][rows][columns] at every fourth pixel of an RGB 8-bit image [height][width][3],
  /// white outside: output (i, j) belongs to the object at pixel (4j + 50, 4i + 50).
  std::vector<float> logits(std::span<const std::uint8_t> rgb,
                            std::size_t height,
                            std::size_t width,
                            std::size_t rows,
                            std::size_t columns) const;

 private:
  struct Scratch;
  class Lease;

  Trunk trunk_;
  Head head_;
  mutable std::mutex mutex_;  ///< Of `idle_`.
  mutable std::vector<std::unique_ptr<Scratch>> idle_;
};

}  // namespace mito::nn::dense
