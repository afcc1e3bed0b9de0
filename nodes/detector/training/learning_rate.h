#pragma once
#include <cmath>
#include <cstdint>

namespace mito::nn {

/// Learning rate of `epoch` (0-based): from `start` in the first to `end` in the last of `epochs`,
/// exponentially, constant within an epoch. Method 7.5.
inline double learning_rate(double start, double end, std::int64_t epochs, std::int64_t epoch) {
  if (epochs <= 1) return start;
  return start *
         std::pow(end / start, static_cast<double>(epoch) / static_cast<double>(epochs - 1));
}

}  // namespace mito::nn
