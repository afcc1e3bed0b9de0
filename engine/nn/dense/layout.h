#pragma once
#include <cstddef>
#include <cstdint>

namespace mito::nn::dense {

/// Channels of a panel of packed weights: [depth][16], the last one filled up with zeros.
inline constexpr std::size_t kPanel = 16;

constexpr std::size_t round_up(std::size_t value, std::size_t step) {
  return (value + step - 1) / step * step;
}

/// Channels that a pixel of a map takes in memory: whole half panels.
constexpr std::size_t padded(std::size_t channels) { return round_up(channels, kPanel / 2); }

}  // namespace mito::nn::dense
