#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/nn/architecture.h"
#include "engine/nn/backend.h"
#include "engine/nn/dense/dense_network.h"

namespace mito::nn {

/// A Table II network on own kernels: dense maps only, without the network library.
class FftNetwork final : public Network {
 public:
  /// What DenseNetwork reads behind the last receptive field of whole blocks.
  static constexpr std::int64_t kContextPx = 42;
  /// What a dense map reads behind its last pixel.
  static constexpr std::int64_t kBehindPx = kReceptiveField - kStride - kObjectOffset + kContextPx;

  /// Takes the largest transforms whose filters fit into `filter_memory_mib`, or the smallest.
  /// Throws DataError when the tensors do not fit or the family is not Table2.
  FftNetwork(const Architecture& architecture,
             const Tensors& tensors,
             std::int64_t filter_memory_mib);

  /// Throws DataError: patches take the network library.
  std::vector<float> logits(std::span<const float> patches, std::int64_t count) const override;
  std::vector<float> dense(std::span<const std::uint8_t> rgb,
                           std::int64_t height,
                           std::int64_t width) const override;
  DenseParts dense_parts() const override;

 private:
  dense::DenseNetwork network_;
};

}  // namespace mito::nn
