#pragma once
#include <memory>
#include <span>

#include "engine/nn/architecture.h"

namespace mito::bench {

/// The Table II network and its training step as one would write them with LibTorch: modules, all
/// layers convolutions, the library's own threads, loss and Adam. What `bench train` compares with.
class PlainStep {
 public:
  /// Begins with `weights`. `threads`: of the library.
  PlainStep(const nn::Architecture& architecture,
            const nn::Tensors& weights,
            double learning_rate,
            double l2,
            int threads);
  ~PlainStep();

  /// One step; gives the loss. The dropout is given, so that both networks do the same.
  double step(std::span<const float> patches,
              std::int64_t count,
              std::span<const float> dropout,
              std::span<const float> target);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mito::bench
