#pragma once
#include <array>
#include <cstddef>

#include "engine/nn/dense/layout.h"

namespace mito::nn::dense {

/// Sides of the transforms, all of the form 2^a 3^b 5^c. A transform of side n gives n - 16 rows
/// and columns of outputs of the 14 x 14 convolution: 16, 32 and 64, which divide the 64 outputs of
/// a block of 256 px. (14 - 1 = 13 rows would be enough, but 19, 35 and 67 outputs line up with
/// nothing.)
inline constexpr std::array<std::size_t, 3> kSides{32, 48, 80};
inline constexpr std::size_t kTransformMargin = 16;

/// Frequencies of a real map that are not the conjugate of another one.
constexpr std::size_t frequencies(std::size_t side) { return side * side / 2 + 2; }

/// Spectra of several maps: [frequencies(side)][capacity][real, imaginary][channels].
struct Spectra {
  float* data = nullptr;
  std::size_t capacity = 0;
  std::size_t channels = 0;  ///< A multiple of 16.
};

/// Numbers that one transform of this side needs for itself.
std::size_t transform_scratch(std::size_t side);

/// Twice the spectrum of every channel of a map.
struct ForwardTransform {
  std::size_t side = 0;
  const float* in = nullptr;  ///< [rows][side] pixels; rows that are missing are zeros.
  std::size_t rows = 0;
  std::size_t row_step = 0;
  std::size_t pixel_step = 0;  ///< At least spectra.channels.
  Spectra spectra;
  std::size_t slot = 0;      ///< Which of the maps in `spectra` this becomes.
  float* scratch = nullptr;  ///< transform_scratch() numbers.
};
void transform(const ForwardTransform& forward);

/// Products of complex matrices, one per frequency, by three real ones.
struct SpectrumProduct {
  std::size_t side = 0;
  std::size_t maps = 0;  ///< Rows of the matrices.
  Spectra in;
  std::size_t in_channels = 0;     ///< Without padding.
  const float* filters = nullptr;  ///< [frequency][panel][real, imaginary][in_channels][kPanel]
  Spectra out;
  std::size_t out_channels = 0;  ///< A multiple of 8.
  float* scratch = nullptr;      ///< maps * in.channels numbers.
};
void multiply(const SpectrumProduct& product);

/// From spectra of the hidden layer back to maps, and on through bias, leaky ReLU and the output
/// layer of two classes.
struct OutputTransform {
  std::size_t side = 0;
  Spectra spectra;
  std::size_t slot = 0;
  const float* bias = nullptr;  ///< [channels]
  float slope = 0;
  std::array<const float*, 2> weights{};  ///< Of each class, [channels]; zero for padding.
  float* scratch = nullptr;               ///< output_scratch() numbers.
  std::array<float*, 2> out{};            ///< [side - 16][side - 16] of each class, without bias.
};
void transform(const OutputTransform& output);
std::size_t output_scratch(std::size_t side);

}  // namespace mito::nn::dense
