#include "engine/nn/fft_network.h"

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::nn {
namespace {

// Features of a part lie in memory at once: 2048 px.
constexpr std::int64_t kMostBlocks = 8;

const Tensors& checked(const Architecture& architecture, const Tensors& tensors) {
  check_tensors(architecture, tensors);
  return tensors;
}

std::size_t bytes(std::int64_t mib) { return static_cast<std::size_t>(mib) << 20; }

}  // namespace

FftNetwork::FftNetwork(const Architecture& architecture,
                       const Tensors& tensors,
                       std::int64_t filter_memory_mib)
    : network_(architecture,
               checked(architecture, tensors),
               dense::transform_side(architecture, bytes(filter_memory_mib))) {}

std::vector<float> FftNetwork::logits(std::span<const float>, std::int64_t) const {
  throw DataError("backend fft computes dense maps only; patches need backend torch");
}

std::vector<float> FftNetwork::dense(std::span<const std::uint8_t> rgb,
                                     std::int64_t height,
                                     std::int64_t width) const {
  const auto rows = dense_outputs(height - kContextPx);
  const auto columns = dense_outputs(width - kContextPx);
  if (rows < 1 || columns < 1)
    throw DataError(fmt::format("a dense block of backend fft needs at least {0} x {0} px",
                                kReceptiveField + kContextPx));
  const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  return network_.logits(rgb, size(height), size(width), size(rows), size(columns));
}

DenseParts FftNetwork::dense_parts() const {
  return {.most_blocks = kMostBlocks, .context_px = kContextPx};
}

}  // namespace mito::nn
