#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/nn/backend.h"
#include "engine/nn/imported/card.h"
#include "engine/nn/imported/tensor_function.h"

namespace mito::nn {

/// A network that was made elsewhere, as its card says. ONNX runs on processors whatever the
/// device; TorchScript takes the network library.
class ImportedNetwork final : public Network {
 public:
  /// Opens the network and gives it zeros: the output must have the shape that the card states.
  /// Throws DataError naming the file.
  ImportedNetwork(const Imported& imported, Device device);

  std::int64_t patch_px() const override { return card_.patch_px(); }
  /// Throws DataError unless it is a classifier of patches.
  std::vector<float> probabilities(std::span<const float> patches,
                                   std::int64_t count) const override;
  /// Of one square (squares_of()), read with what is around it. A classifier of patches gives every
  /// cell of `stride_px` the value of the patch in its middle; a heat map gives the value nearest
  /// to an output. Throws DataError when it finds boxes.
  std::vector<float> probability_map(std::span<const std::uint8_t> rgb,
                                     std::int64_t height,
                                     std::int64_t width) const override;
  /// Throws DataError unless it finds boxes.
  std::vector<FoundBox> boxes(std::span<const std::uint8_t> rgb,
                              std::int64_t height,
                              std::int64_t width) const override;
  DenseParts dense_parts() const override;

  /// Throw DataError: what it gives are probabilities.
  std::vector<float> logits(std::span<const float> patches, std::int64_t count) const override;
  std::vector<float> dense(std::span<const std::uint8_t> rgb,
                           std::int64_t height,
                           std::int64_t width) const override;

 private:
  struct Pixels;
  Blob run(std::span<const float> input, std::int64_t count) const;
  void require_shape(const Blob& found, std::int64_t count) const;
  std::vector<float> classified(std::vector<float> patches, std::int64_t count) const;
  std::vector<float> windows(const Pixels& pixels) const;
  Pixels reduced(std::span<const std::uint8_t> rgb, std::int64_t height, std::int64_t width) const;
  void normalise(std::span<float> input) const;
  float checked(float value) const;
  float probability(std::span<const float> values, std::size_t first, std::size_t apart) const;

  Card card_;
  std::string source_;
  Squares squares_;
  std::shared_ptr<const TensorFunction> function_;
};

}  // namespace mito::nn
