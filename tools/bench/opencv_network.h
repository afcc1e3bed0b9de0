#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "engine/nn/architecture.h"

namespace mito::bench {

/// A Table II network in OpenCV's DNN module, dense, on one thread: a peer of `bench dense`.
class OpencvNetwork {
 public:
  OpencvNetwork(const nn::Architecture& architecture, const nn::Tensors& tensors);
  ~OpencvNetwork();
  OpencvNetwork(const OpencvNetwork&) = delete;
  OpencvNetwork& operator=(const OpencvNetwork&) = delete;

  /// Logits [2][rows][columns] of an RGB block [side][side][3], as nn::Network::dense().
  std::span<const float> run(std::span<const std::uint8_t> rgb, std::int64_t side) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mito::bench
