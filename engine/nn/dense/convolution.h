#pragma once
#include <array>
#include <cstddef>

#include "engine/nn/dense/layout.h"

namespace mito::nn::dense {

/// Maps are rows of pixels of padded(channels) numbers. Weights and biases are 64-byte aligned.

/// One row of a 3x3 convolution and its leaky ReLU.
struct DirectRow {
  std::array<const float*, 3> in{};  ///< The three rows below the kernel, at its first column.
  std::size_t in_channels = 0;
  std::size_t in_step = 0;         ///< Numbers per input pixel.
  std::size_t stride = 1;          ///< Input pixels per output pixel.
  const float* weights = nullptr;  ///< [panel][ky][kx][in_channels][kPanel]
  const float* bias = nullptr;     ///< [panels * kPanel]
  float slope = 0;                 ///< Of the leaky ReLU.
  float* out = nullptr;            ///< [width][out_step]
  std::size_t out_channels = 0;    ///< A multiple of 8, at most `out_step`.
  std::size_t out_step = 0;
  std::size_t width = 0;
};

/// Multiplies and adds in the order (ky, kx, channel), so a value depends on its own inputs only.
void convolve_row(const DirectRow& row);

/// Four rows of a 3x3 convolution of stride 1 and its leaky ReLU by Winograd's F(4x4, 3x3) (Lavin
/// and Gray 2016): 36 instead of 144 products for every 4 x 4 outputs.
struct WinogradRows {
  std::array<const float*, 6> in{};  ///< The six rows below the 4 + 2 kernel rows.
  std::size_t in_channels = 0;
  std::size_t in_step = 0;         ///< Numbers per input pixel, a multiple of 8.
  const float* weights = nullptr;  ///< [36][panel][in_channels][kPanel]: G w G^T.
  const float* bias = nullptr;
  float slope = 0;
  std::array<float*, 4> out{};   ///< Rows of 4 * tiles pixels.
  std::size_t out_channels = 0;  ///< A multiple of 8, at most `out_step`.
  std::size_t out_step = 0;
  std::size_t tiles = 0;     ///< Of 4 x 4 outputs, from left to right.
  float* scratch = nullptr;  ///< winograd_scratch() numbers, 64-byte aligned.
};

void convolve_winograd(const WinogradRows& rows);

/// Numbers that convolve_winograd() needs for itself.
std::size_t winograd_scratch(std::size_t in_step, std::size_t out_channels);

}  // namespace mito::nn::dense
