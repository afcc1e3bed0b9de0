#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/error.h"
#include "engine/nn/architecture.h"
#include "engine/nn/imported/tensor_function.h"
#include "engine/nn/loss.h"

namespace mito::nn {

enum class Device : std::uint8_t { Cpu, Cuda };

/// In which numbers a network is trained or evaluated.
enum class Precision : std::uint8_t {
  Float32,
  /// Products in 16 bits (CUDA: half, CPU: bfloat16), sums in float32; weights and Adam in float32
  /// where they are trained.
  Mixed,
};

/// "float32" or "mixed". Throws DataError with the valid names.
Precision precision_from(std::string_view name);

/// How a network is trained.
struct LearnerOptions {
  Precision precision = Precision::Float32;
  /// Every convolution before the head is followed by batch normalisation (Ioffe and Szegedy 2015),
  /// on the CPU within shards of 16 patches, dealt from the whole batch. Outside training it is a
  /// part of the weights: what is stored is a network of the same architecture as without.
  bool batch_norm = false;
  /// The tensors are those of a trained network, whose function batch normalisation begins with;
  /// otherwise it begins with a scale of 1 and the biases.
  bool trained = false;
};

/// Side of the blocks that dense maps are computed in, in pixels of the analysis grid (ADR 0005).
inline constexpr std::int64_t kBlockPx = 256;

/// How a dense map is asked for in parts, so that its bits do not depend on the parts.
struct DenseParts {
  /// A part begins at a multiple of this; a divisor of kBlockPx.
  std::int64_t block_px = kBlockPx;
  /// What the input must hold to the left of a part and above, and to the right and below.
  std::int64_t before_px = kObjectOffset;
  std::int64_t behind_px = kReceptiveField - kStride - kObjectOffset;
  /// A part has this many blocks along an axis at most.
  std::int64_t most_blocks = 1;
  /// Pixels right of and below the receptive fields that rounding depends on, which the input must
  /// hold as well.
  std::int64_t context_px = 0;
  /// Parts of one size that are always evaluated together; more than 1 only where most_blocks is 1.
  std::int64_t batch = 1;
};

/// A mitosis that a network shows by a box.
struct FoundBox {
  double x = 0;  ///< Its middle, px from the corner of the part; pixel i reaches from i to i + 1.
  double y = 0;
  float probability = 0;
};

/// A network with fixed weights. Shared by threads: every call is independent, and computes on the
/// calling thread only.
class Network {
 public:
  virtual ~Network() = default;

  /// Logits [count][2] of `count` patches, float RGB in [0,1], [count][3][100][100].
  /// Throws DataError when the size does not fit.
  virtual std::vector<float> logits(std::span<const float> patches, std::int64_t count) const = 0;

  /// Logits [count][2][rows][columns] at every fourth pixel of 8-bit RGB blocks
  /// [count][height][width][3], with rows = dense_outputs(height - dense_parts().context_px):
  /// output (i, j) belongs to the pixel (4j + 50, 4i + 50). Throws DataError when that leaves no
  /// output, the pixels are not those of 1 to dense_parts().batch blocks, or the family is not
  /// Table2.
  virtual std::vector<float> dense(std::span<const std::uint8_t> rgb,
                                   std::int64_t height,
                                   std::int64_t width) const = 0;

  virtual DenseParts dense_parts() const { return {}; }

  /// Side of its patches on the analysis grid; the object lies at half of it.
  virtual std::int64_t patch_px() const { return kPatch; }

  /// The boxes in one part, read with what dense_parts() asks for around it; in any order, also of
  /// what lies outside the part. Throws DataError: most networks find none.
  virtual std::vector<FoundBox> boxes(std::span<const std::uint8_t> /*rgb*/,
                                      std::int64_t /*height*/,
                                      std::int64_t /*width*/) const {
    throw DataError("this network gives probabilities, not boxes: cnn_dense takes it");
  }

  /// Probability of class 1 of the same patches. Every step that uses a network asks here or for
  /// probability_map(): an ensemble gives the mean over its members (method 8.2).
  virtual std::vector<float> probabilities(std::span<const float> patches,
                                           std::int64_t count) const {
    const auto both = logits(patches, count);
    std::vector<float> out(both.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = probability(both[2 * i], both[2 * i + 1]);
    return out;
  }

  /// Probability of class 1 [count][rows][columns] of the same blocks.
  virtual std::vector<float> probability_map(std::span<const std::uint8_t> rgb,
                                             std::int64_t height,
                                             std::int64_t width) const {
    const auto both = dense(rgb, height, width);
    const std::size_t block = both.size() / 2 / blocks(rgb, height, width);
    std::vector<float> out(both.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t other = i + i / block * block;
      out[i] = probability(both[other], both[other + block]);
    }
    return out;
  }

 protected:
  /// How many blocks of this size the pixels are; at least 1.
  static std::size_t blocks(std::span<const std::uint8_t> rgb,
                            std::int64_t height,
                            std::int64_t width) {
    const auto bytes = static_cast<std::size_t>(3 * height * width);
    return bytes == 0 || rgb.size() < bytes ? 1 : rgb.size() / bytes;
  }

 private:
  static float probability(float other, float mitosis) {
    return static_cast<float>(
        mitosis_probability(static_cast<double>(other), static_cast<double>(mitosis)));
  }
};

/// A network in training, used by one thread. On the CPU it divides its work into fixed pieces and
/// computes them on the threads of the caller's arena: the same bits on any number of threads (ADR
/// 0011).
class Learner {
 public:
  virtual ~Learner() = default;

  /// Logits [count][2] of a batch, kept for `backward`. `dropout` [count][features()] multiplies
  /// the inputs of the output layer (0 or 1 / (1 - rate)); empty means no dropout.
  virtual std::vector<float> forward(std::span<const float> patches,
                                     std::int64_t count,
                                     std::span<const float> dropout) = 0;

  /// Takes the gradient of the loss with respect to the logits of the last `forward`.
  virtual void backward(std::span<const float> logit_gradient) = 0;

  /// One Adam step with the gradients of the last `backward`; `l2` acts on weights only.
  virtual void step(double learning_rate, double l2) = 0;

  /// Logits [count][2] with dropout off, nothing kept.
  virtual std::vector<float> predict(std::span<const float> patches, std::int64_t count) = 0;

  /// Gradients of the last `backward` by tensor name.
  virtual Tensors gradients() const = 0;

  /// Weights by name, with batch normalisation folded into them.
  virtual Tensors weights() const = 0;

  /// Everything needed to go on bit for bit: "weight.NAME", "moment1.NAME", "moment2.NAME", "step"
  /// (one number) and, with batch normalisation, "mean.NAME" and "variance.NAME"; a scale has the
  /// NAME "convK.scale".
  virtual Tensors state() const = 0;

  /// Takes what state() gave. Throws DataError naming what does not fit.
  virtual void restore(const Tensors& state) = 0;
};

/// What the network library offers.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string description() const = 0;  ///< "LibTorch 1.13.1"
  virtual bool has_cuda() const = 0;
  /// Throws DataError when the tensors do not fit.
  virtual std::shared_ptr<const Network> network(const Architecture& architecture,
                                                 const Tensors& tensors,
                                                 Device device,
                                                 Precision precision) const = 0;
  std::shared_ptr<const Network> network(const Architecture& architecture,
                                         const Tensors& tensors,
                                         Device device) const {
    return network(architecture, tensors, device, Precision::Float32);
  }
  virtual std::unique_ptr<Learner> learner(const Architecture& architecture,
                                           const Tensors& tensors,
                                           Device device,
                                           const LearnerOptions& options) const = 0;
  /// The network in the bytes of a TorchScript file. Throws DataError when it cannot be read.
  virtual std::shared_ptr<const TensorFunction> script(const std::string& bytes,
                                                       Device device) const = 0;
  std::unique_ptr<Learner> learner(const Architecture& architecture,
                                   const Tensors& tensors,
                                   Device device) const {
    return learner(architecture, tensors, device, LearnerOptions{});
  }
};

/// Bump when a class of this header changes: a library of another version is refused.
inline constexpr int kBackendVersion = 6;

/// The network library, opened on first use (LibTorch takes 0.5 s and 167 MB). Looks for
/// mito_nn_torch.so as $MITO_NN_LIBRARY, beside the running program, in ../lib/mitoloom from there,
/// and in the build folder. Throws DataError that names the places and how to get it.
const Backend& backend();

/// Can it be used?
bool has_backend();

/// "auto", "cpu" or "cuda". Throws DataError for cuda when there is none; opens the library for
/// "cuda", and for "auto" where the system has a driver. "auto" is the CPU when there is no
/// library.
Device device_from(std::string_view name);

/// Does "auto" mean an accelerator?
bool auto_accelerates();

}  // namespace mito::nn
