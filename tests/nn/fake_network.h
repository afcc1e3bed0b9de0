#pragma once
#include "engine/core/error.h"
#include "engine/nn/backend.h"

namespace mito::nn {

/// Calls a pixel a mitosis when it is dark: logits (0, 20 * (0.5 - red)) of the pixel that an
/// output belongs to. Needs no network library.
class DarkPixelNetwork final : public Network {
 public:
  std::vector<float> logits(std::span<const float> patches, std::int64_t count) const override {
    constexpr auto kNumbers = std::size_t{3 * kPatch * kPatch};
    std::vector<float> out;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const float red = patches[i * kNumbers + std::size_t{kObjectOffset * kPatch + kObjectOffset}];
      out.insert(out.end(), {0.0F, 20.0F * (0.5F - red)});
    }
    return out;
  }

  std::vector<float> dense(std::span<const std::uint8_t> rgb,
                           std::int64_t height,
                           std::int64_t width) const override {
    const auto rows = dense_outputs(height);
    const auto columns = dense_outputs(width);
    std::vector<float> out(static_cast<std::size_t>(2 * rows * columns), 0.0F);
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) {
        const auto y = kStride * i + kObjectOffset;
        const auto x = kStride * j + kObjectOffset;
        // The last outputs see no pixel 50 of their own: 97 px reach to pixel 96 only.
        if (y >= height || x >= width) throw DataError("block too small");
        const float red = static_cast<float>(rgb[static_cast<std::size_t>((y * width + x) * 3)]);
        out[static_cast<std::size_t>(rows * columns + i * columns + j)] =
            20.0F * (0.5F - red / 255.0F);
      }
    }
    return out;
  }
};

}  // namespace mito::nn
