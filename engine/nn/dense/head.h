#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/dense/memory.h"

namespace mito::nn::dense {

/// Layers 9 and 10 of a Table II network (method 7.1): the 14 x 14 layer by overlap-save Fourier
/// transforms, and the two classes.
///
/// The map is cut into squares of side - 16 outputs, from output (0, 0) on. Each square is a
/// product of spectra: one small complex matrix product per frequency, whose filters were
/// transformed when the model was read. A value depends on the features of its own square only.
class Head {
 public:
  /// `side` is one of kSides. Takes filter_bytes() of memory for the filters.
  Head(const Architecture& architecture, const Tensors& tensors, std::size_t side);

  static std::size_t filter_bytes(const Architecture& architecture, std::size_t side);

  std::size_t square() const;  ///< Outputs of a square along an axis.
  std::size_t step() const;    ///< Numbers per feature: channels rounded up to 16.

  class Scratch;

  /// Logits of both classes, [rows * square()][columns * square()] each, from features
  /// [..][feature_columns][step()] that begin at the first square.
  void run(const float* features,
           std::size_t feature_columns,
           std::size_t rows,
           std::size_t columns,
           const std::array<float*, 2>& logits,
           Scratch& scratch) const;

 private:
  void run_batch(const float* features,
                 std::size_t feature_columns,
                 std::size_t columns,
                 std::size_t first,
                 std::size_t count,
                 const std::array<float*, 2>& logits,
                 Scratch& scratch) const;

  std::size_t side_;
  std::size_t in_channels_;
  std::size_t hidden_;
  float slope_;
  Floats filters_;
  Floats hidden_bias_;
  std::array<Floats, 2> weights_;
  std::array<float, 2> bias_{};
};

/// Memory of one thread, kept from call to call.
class Head::Scratch {
 private:
  friend class Head;
  Floats in_;
  Floats out_;
  Floats sums_;
  Floats transform_;
  std::array<Floats, 2> square_;
};

}  // namespace mito::nn::dense
