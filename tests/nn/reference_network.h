#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/nn/architecture.h"

/// A Table II network written plainly in double precision, and networks and pixels to try it on.
namespace mito::nn::reference {

/// Logits [2][rows][columns] of an RGB 8-bit image [height][width][3].
std::vector<double> logits(const Architecture& architecture,
                           const Tensors& tensors,
                           std::span<const std::uint8_t> rgb,
                           std::size_t height,
                           std::size_t width);

/// A network whose activations keep their size from layer to layer; the output weights are `gain`
/// times as large as that takes.
Tensors lively_tensors(const Architecture& architecture, std::uint64_t seed, double gain);

/// Noise with structure of several sizes: flat noise gives a flat map.
std::vector<std::uint8_t> pixels(std::size_t height, std::size_t width);

/// The upper left part of an image.
std::vector<std::uint8_t> corner(std::span<const std::uint8_t> rgb,
                                 std::size_t width,
                                 std::size_t rows,
                                 std::size_t columns);

}  // namespace mito::nn::reference
