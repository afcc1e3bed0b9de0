#pragma once
#include <cstdint>

namespace mito::nn {

/// What is known of networks before they are trained (Foresight).
struct ForetoldNetworks {
  std::int64_t networks = 1;
  std::int64_t parameters = 0;  ///< Of each.

  /// Of the weights of `count` networks, float32, in MiB.
  double mib(std::int64_t count) const {
    return static_cast<double>(count * parameters) * sizeof(float) / (1 << 20);
  }
};

}  // namespace mito::nn
