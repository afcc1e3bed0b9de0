#pragma once
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>

namespace mito::nn::dense {

/// exp(-2 pi i k / side) for k = 0 .. side - 1.
template <std::size_t side>
const std::array<std::complex<float>, side>& turns_of() {
  static const auto kTurns = [] {
    std::array<std::complex<float>, side> out;
    for (std::size_t k = 0; k < side; ++k) {
      const double angle = -2 * std::numbers::pi * static_cast<double>(k) / side;
      out[k] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
    }
    return out;
  }();
  return kTurns;
}

}  // namespace mito::nn::dense
