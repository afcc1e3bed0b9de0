// The network library: the only code that sees LibTorch. Built as a shared object that mito::nn
// opens.
#include <algorithm>
#include <cstring>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include "engine/core/error.h"
#include "engine/nn/adam.h"
#include "engine/nn/backend.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kHeadSide = 14;  // side of the ninth layer's kernel

// LibTorch itself never makes threads: see ADR 0011. The setting is per thread, so every entry
// point asks for it.
void one_thread() {
  thread_local const bool done = [] {
    at::set_num_threads(1);
    return true;
  }();
  static_cast<void>(done);
}

// Runs `body`; errors of LibTorch leave without their 20 lines of backtrace.
template <class F>
auto guarded(F&& body) {
  one_thread();
  try {
    return body();
  } catch (const c10::Error& error) {
    throw DataError(std::string("LibTorch: ") + error.what_without_backtrace());
  }
}

// Runs `piece` for 0..n-1 on the threads of this arena. Isolated: a thread that waits here must not
// pick up a node of the graph.
template <class F>
void in_pieces(std::int64_t n, const F& piece) {
  if (n == 1) return piece(std::int64_t{0});
  oneapi::tbb::this_task_arena::isolate([&] {
    oneapi::tbb::parallel_for(
        oneapi::tbb::blocked_range<std::int64_t>(0, n, 1),
        [&](const auto& range) {
          one_thread();
          for (auto i = range.begin(); i != range.end(); ++i) piece(i);
        },
        oneapi::tbb::simple_partitioner());
  });
}

std::vector<std::int64_t> sizes_of(const Array& array) {
  return {array.shape.begin(), array.shape.end()};
}

at::Tensor to_tensor(const Array& array, at::Device device) {
  const auto values = array.as<float>();
  auto out = at::empty(sizes_of(array), at::kFloat);
  std::memcpy(out.data_ptr<float>(), values.data(), values.size_bytes());
  return out.to(device);
}

Array to_array(const at::Tensor& tensor) {
  const auto host = tensor.detach().to(at::kCPU).contiguous();
  std::vector<std::uint64_t> shape;
  for (const auto side : host.sizes()) shape.push_back(static_cast<std::uint64_t>(side));
  return Array::of(
      std::span<const float>(host.data_ptr<float>(), static_cast<std::size_t>(host.numel())),
      std::move(shape));
}

std::vector<float> to_vector(const at::Tensor& tensor) {
  const auto host = tensor.detach().to(at::kFloat).to(at::kCPU).contiguous();
  return {host.data_ptr<float>(), host.data_ptr<float>() + host.numel()};
}

at::Tensor patches_tensor(std::span<const float> patches, std::int64_t count, at::Device device) {
  if (count < 1 || patches.size() != static_cast<std::size_t>(count * 3 * kPatch * kPatch))
    throw DataError("the network takes patches of 3 x 100 x 100 numbers; " +
                    std::to_string(patches.size()) + " numbers are not " + std::to_string(count) +
                    " patches");
  auto out = at::empty({count, 3, kPatch, kPatch}, at::kFloat);
  std::memcpy(out.data_ptr<float>(), patches.data(), patches.size_bytes());
  return out.to(device);
}

at::Device torch_device(Device device) {
  return device == Device::Cuda ? at::Device(at::kCUDA) : at::Device(at::kCPU);
}

/// Weights of one layer after the other and the forward pass over them: a trunk of convolutions,
/// then a head of two products with dropout between.
class Layers {
 public:
  /// Weights in `type`; those of convolutions channel by channel where that is 16 bits, as fast
  /// products need them.
  Layers(const Architecture& architecture,
         const Tensors& tensors,
         Device device,
         at::ScalarType type = at::kFloat)
      : architecture_(architecture),
        device_(torch_device(device)),
        trunk_(architecture.family == Family::Table2 ? 8 : 5) {
    check_tensors(architecture, tensors);
    for (const auto& spec : tensor_specs(architecture)) {
      specs_.push_back(spec);
      auto parameter = to_tensor(tensors.at(spec.name), device_).to(type);
      if (type != at::kFloat && parameter.dim() == 4)
        parameter = parameter.contiguous(at::MemoryFormat::ChannelsLast);
      parameters_.push_back(std::move(parameter));
    }
  }

  const Architecture& architecture() const { return architecture_; }
  at::Device device() const { return device_; }
  const std::vector<TensorSpec>& specs() const { return specs_; }
  std::vector<at::Tensor>& parameters() { return parameters_; }
  const std::vector<at::Tensor>& parameters() const { return parameters_; }
  /// How many of the parameters, from the first, belong to the trunk.
  std::size_t trunk_parameters() const { return 2 * trunk_; }

  /// [n][3][h][w] -> logits [n][2] for a patch, [n][2][rows][columns] for a larger Table II input.
  at::Tensor forward(at::Tensor x) const {
    x = trunk(std::move(x), parameters_.front().scalar_type());
    if (architecture_.family == Family::Table2 &&
        (x.size(2) != kHeadSide || x.size(3) != kHeadSide)) {
      x = activate(at::conv2d(x, weight(trunk_), bias(trunk_)));
      return at::conv2d(x, weight(trunk_ + 1), bias(trunk_ + 1));
    }
    // One output position: a product is 1.7 times as fast as the convolution.
    x = activate(at::linear(x.flatten(1), hidden_weight(), bias(trunk_)));
    return at::linear(x, output_weight(), bias(trunk_ + 1));
  }

  /// The convolutions, with products in `type`.
  at::Tensor trunk(at::Tensor x, at::ScalarType type) const {
    const bool pools = architecture_.family == Family::Cnn12;
    x = x.to(type);
    for (std::size_t i = 0; i < trunk_; ++i) {
      const std::int64_t stride = !pools && (i == 1 || i == 3) ? 2 : 1;
      x = activate(at::conv2d(x, weight(i).to(type), bias(i).to(type), stride));
      if (pools) x = at::max_pool2d(x, 2);
    }
    return x;
  }

  at::Tensor activate(at::Tensor x) const {
    return architecture_.slope == 0 ? at::relu_(x) : at::leaky_relu_(x, architecture_.slope);
  }
  /// Gradient of `activate` times `gradient`, from its result.
  at::Tensor activate_backward(const at::Tensor& gradient, const at::Tensor& result) const {
    return at::where(result > 0, gradient, gradient * architecture_.slope);
  }

  at::Tensor hidden_weight() const { return weight(trunk_).flatten(1); }
  const at::Tensor& hidden_bias() const { return bias(trunk_); }
  at::Tensor output_weight() const { return weight(trunk_ + 1).flatten(1); }
  const at::Tensor& output_bias() const { return bias(trunk_ + 1); }

 private:
  const at::Tensor& weight(std::size_t layer) const { return parameters_[2 * layer]; }
  const at::Tensor& bias(std::size_t layer) const { return parameters_[2 * layer + 1]; }

  Architecture architecture_;
  at::Device device_;
  std::size_t trunk_;
  std::vector<TensorSpec> specs_;
  std::vector<at::Tensor> parameters_;
};

/// Of products of `precision`.
at::ScalarType type_of(Device device, Precision precision) {
  if (precision == Precision::Float32) return at::kFloat;
  return device == Device::Cuda ? at::kHalf : at::kBFloat16;
}

class TorchNetwork final : public Network {
 public:
  TorchNetwork(const Architecture& architecture,
               const Tensors& tensors,
               Device device,
               Precision precision)
      : layers_(architecture, tensors, device, type_of(device, precision)) {
    if (device == Device::Cuda) torch::cuda::synchronize();  // weights are there for any stream
  }

  std::vector<float> logits(std::span<const float> patches, std::int64_t count) const override {
    return guarded([&] {
      const c10::InferenceMode inference;
      return to_vector(layers_.forward(patches_tensor(patches, count, layers_.device())));
    });
  }

  std::vector<float> dense(std::span<const std::uint8_t> rgb,
                           std::int64_t height,
                           std::int64_t width) const override {
    if (layers_.architecture().family != Family::Table2)
      throw DataError("only table2 networks can be evaluated densely");
    const auto count = static_cast<std::int64_t>(blocks(rgb, height, width));
    if (height < kReceptiveField || width < kReceptiveField || count > dense_parts().batch ||
        rgb.size() != static_cast<std::size_t>(count * height * width * 3))
      throw DataError("a dense block needs 8-bit RGB pixels of at least 97 x 97 px");
    return guarded([&] {
      const c10::InferenceMode inference;
      if (layers_.device().is_cpu()) return to_vector(dense_logits(rgb, count, height, width));
      return on_device(rgb, count, height, width);
    });
  }

  DenseParts dense_parts() const override {
    return {.batch = layers_.device().is_cpu() ? 1 : kBlocks};
  }

 private:
  static constexpr std::int64_t kBlocks = 16;  ///< A tile of 1024 px.
  static constexpr std::int64_t kAtOnce = 4;   ///< Blocks per stream: one copies, one computes.
  static constexpr std::size_t kStreams = 2;

  /// Logits [count][2][rows][columns], on the device. Returns before they are computed there.
  at::Tensor dense_logits(std::span<const std::uint8_t> rgb,
                          std::int64_t count,
                          std::int64_t height,
                          std::int64_t width) const {
    const bool accelerator = !layers_.device().is_cpu();
    auto pixels = at::empty({count, height, width, 3},
                            at::TensorOptions(at::kByte).pinned_memory(accelerator));
    std::memcpy(pixels.data_ptr<std::uint8_t>(), rgb.data(), rgb.size());
    auto x = pixels.to(layers_.device(), at::kByte, /*non_blocking=*/accelerator)
                 .permute({0, 3, 1, 2})
                 .to(at::kFloat)
                 .div_(255.0);
    if (layers_.parameters().front().scalar_type() == at::kFloat) x = x.contiguous();
    return layers_.forward(std::move(x));
  }

  /// A few blocks after the other on streams in turn, so that pixels are copied while others are
  /// computed.
  std::vector<float> on_device(std::span<const std::uint8_t> rgb,
                               std::int64_t count,
                               std::int64_t height,
                               std::int64_t width) const {
    const c10::impl::VirtualGuardImpl device(layers_.device().type());
    std::vector<c10::Stream> streams;
    std::vector<at::Tensor> logits;
    for (std::int64_t first = 0; first < count; first += kAtOnce) {
      streams.push_back(streams.size() < kStreams
                            ? device.getStreamFromGlobalPool(device.getDevice())
                            : streams[streams.size() - kStreams]);
      const c10::StreamGuard guard(streams.back());
      const auto some = std::min(kAtOnce, count - first);
      const auto block = static_cast<std::size_t>(height * width * 3);
      logits.push_back(dense_logits(rgb.subspan(static_cast<std::size_t>(first) * block,
                                                static_cast<std::size_t>(some) * block),
                                    some, height, width));
    }
    std::vector<float> out;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const c10::StreamGuard guard(streams[i]);
      const auto values = to_vector(logits[i]);  // waits for its stream
      out.insert(out.end(), values.begin(), values.end());
    }
    return out;
  }

  Layers layers_;
};

/// One training step in pieces of fixed size, so that its bits do not depend on the threads that
/// compute them: the trunk (autograd) in shards of the batch, whose gradients are added in their
/// order; the head, which holds 95 % of the weights, by hand in slices of its filters and inputs,
/// so that its gradient exists only once.
class TorchLearner final : public Learner {
 public:
  TorchLearner(const Architecture& architecture,
               const Tensors& tensors,
               Device device,
               Precision precision)
      : layers_(architecture, tensors, device) {
    type_ = type_of(device, precision);
    if (precision == Precision::Mixed) scale_ = kLossScale;
    for (std::size_t i = 0; i < layers_.parameters().size(); ++i) {
      auto& parameter = layers_.parameters()[i];
      first_moment_.push_back(at::zeros_like(parameter));
      second_moment_.push_back(at::zeros_like(parameter));
      gradients_.emplace_back();
      if (i < layers_.trunk_parameters()) parameter.set_requires_grad(true);
    }
  }

  std::vector<float> forward(std::span<const float> patches,
                             std::int64_t count,
                             std::span<const float> dropout) override {
    const std::int64_t features = layers_.architecture().features();
    if (!dropout.empty() && dropout.size() != static_cast<std::size_t>(count * features))
      throw DataError("the dropout mask does not fit the batch");
    return guarded([&] {
      mask_.reset();
      if (!dropout.empty()) {
        mask_ = at::empty({count, features}, at::kFloat);
        std::memcpy(mask_.data_ptr<float>(), dropout.data(), dropout.size_bytes());
        mask_ = mask_.to(layers_.device(), type_);
      }
      forward_trunk(patches_tensor(patches, count, layers_.device()));
      return to_vector(forward_head().to(at::kFloat));
    });
  }

  void backward(std::span<const float> logit_gradient) override {
    if (!inputs_.defined() ||
        logit_gradient.size() != static_cast<std::size_t>(2 * inputs_.size(0)))
      throw DataError("the gradient does not fit the logits of the last forward pass");
    guarded([&] {
      auto gradient = at::empty({inputs_.size(0), 2}, at::kFloat);
      std::memcpy(gradient.data_ptr<float>(), logit_gradient.data(), logit_gradient.size_bytes());
      backward_trunk(backward_head((gradient * scale_).to(layers_.device(), type_)));
      inputs_.reset();
      trunk_.clear();
    });
  }

  void step(double learning_rate, double l2) override {
    guarded([&] {
      const c10::AutoGradMode no_gradients(false);
      if (!gradients_.front().defined()) throw DataError("no backward pass has run yet");
      ++step_;
      if (layers_.device().is_cpu()) {
        update_host(learning_rate, l2);
        return;
      }
      for (std::size_t i = 0; i < layers_.parameters().size(); ++i)
        update_device(i, learning_rate, layers_.specs()[i].is_weight ? l2 : 0.0);
    });
  }

  std::vector<float> predict(std::span<const float> patches, std::int64_t count) override {
    return guarded([&] {
      const auto all = patches_tensor(patches, count, layers_.device());
      std::vector<at::Tensor> parts(static_cast<std::size_t>(shards(count)));
      in_pieces(shards(count), [&](std::int64_t i) {
        const c10::AutoGradMode no_gradients(false);
        parts[static_cast<std::size_t>(i)] = layers_.forward(shard(all, i));
      });
      const c10::AutoGradMode no_gradients(false);
      return to_vector(at::cat(parts));
    });
  }

  Tensors gradients() const override {
    return guarded([&] {
      Tensors out;
      for (std::size_t i = 0; i < layers_.specs().size(); ++i) {
        if (!gradients_[i].defined()) throw DataError("no backward pass has run yet");
        out[layers_.specs()[i].name] = to_array(gradients_[i]);
      }
      return out;
    });
  }

  Tensors weights() const override {
    return guarded([&] {
      Tensors out;
      for (std::size_t i = 0; i < layers_.specs().size(); ++i)
        out[layers_.specs()[i].name] = to_array(layers_.parameters()[i]);
      return out;
    });
  }

  Tensors state() const override {
    return guarded([&] {
      Tensors out;
      for (std::size_t i = 0; i < layers_.specs().size(); ++i) {
        const auto& name = layers_.specs()[i].name;
        out["weight." + name] = to_array(layers_.parameters()[i]);
        out["moment1." + name] = to_array(first_moment_[i]);
        out["moment2." + name] = to_array(second_moment_[i]);
      }
      out["step"] = Array::of(std::vector<std::int64_t>{step_});
      return out;
    });
  }

  void restore(const Tensors& state) override {
    guarded([&] {
      const c10::AutoGradMode no_gradients(false);
      for (const std::string part : {"weight.", "moment1.", "moment2."}) {
        Tensors tensors;
        for (const auto& [name, array] : state) {
          if (name.starts_with(part)) tensors[name.substr(part.size())] = array;
        }
        check_tensors(layers_.architecture(), tensors);
        auto& target = part == "weight."    ? layers_.parameters()
                       : part == "moment1." ? first_moment_
                                            : second_moment_;
        for (std::size_t i = 0; i < target.size(); ++i)
          target[i].copy_(to_tensor(tensors.at(layers_.specs()[i].name), layers_.device()));
      }
      const auto step = state.find("step");
      if (step == state.end() || step->second.as<std::int64_t>().size() != 1)
        throw DataError("the training state has no step count");
      step_ = step->second.as<std::int64_t>()[0];
    });
  }

 private:
  // Patches per shard and slices of the head: constants, whatever the number of threads.
  static constexpr std::int64_t kShard = 16;
  static constexpr std::int64_t kSlices = 8;
  static constexpr std::size_t kAdamBlock = std::size_t{1} << 18;
  // Keeps small gradients above the smallest half; a power of two, so it changes no digit.
  static constexpr double kLossScale = 1024;

  /// An accelerator takes the batch as a whole.
  std::int64_t shards(std::int64_t count) const {
    return layers_.device().is_cpu() ? (count + kShard - 1) / kShard : 1;
  }
  std::int64_t slices() const { return layers_.device().is_cpu() ? kSlices : 1; }

  at::Tensor shard(const at::Tensor& all, std::int64_t i) const {
    if (!layers_.device().is_cpu()) return all;
    return all.narrow(0, i * kShard, std::min(kShard, all.size(0) - i * kShard));
  }

  /// Slice `i` of an axis of `tensor`.
  at::Tensor slice(const at::Tensor& tensor, std::int64_t axis, std::int64_t i) const {
    const auto size = tensor.size(axis);
    return tensor.narrow(axis, size * i / slices(),
                         size * (i + 1) / slices() - size * i / slices());
  }

  void forward_trunk(const at::Tensor& patches) {
    trunk_.assign(static_cast<std::size_t>(shards(patches.size(0))), {});
    in_pieces(std::ssize(trunk_), [&](std::int64_t i) {
      const c10::AutoGradMode with_gradients(true);
      trunk_[static_cast<std::size_t>(i)] = layers_.trunk(shard(patches, i), type_).flatten(1);
    });
    const c10::AutoGradMode no_gradients(false);
    inputs_ = at::cat(trunk_);
  }

  /// Logits of `inputs_`; keeps what backward_head() needs.
  at::Tensor forward_head() {
    const c10::AutoGradMode no_gradients(false);
    hidden_weight_ = layers_.hidden_weight().to(type_);
    const auto bias = layers_.hidden_bias().to(type_);
    std::vector<at::Tensor> parts(static_cast<std::size_t>(slices()));
    in_pieces(slices(), [&](std::int64_t i) {
      const c10::AutoGradMode inside(false);
      parts[static_cast<std::size_t>(i)] =
          layers_.activate(at::linear(inputs_, slice(hidden_weight_, 0, i), slice(bias, 0, i)));
    });
    activated_ = at::cat(parts, 1);
    dropped_ = mask_.defined() ? activated_ * mask_ : activated_;
    return at::linear(dropped_, layers_.output_weight().to(type_), layers_.output_bias().to(type_));
  }

  /// Takes the gradients of the head; gives that of `inputs_`.
  at::Tensor backward_head(const at::Tensor& gradient) {
    const c10::AutoGradMode no_gradients(false);
    const auto hidden = layers_.trunk_parameters();
    keep(hidden + 2, gradient.t().mm(dropped_));
    keep(hidden + 3, gradient.sum(0));
    auto inside = gradient.mm(layers_.output_weight().to(type_));
    if (mask_.defined()) inside = inside * mask_;
    inside = layers_.activate_backward(inside, activated_);
    keep(hidden + 1, inside.sum(0));

    auto weight = at::empty(hidden_weight_.sizes(), hidden_weight_.options());
    auto inputs = at::empty(inputs_.sizes(), inputs_.options());
    in_pieces(2 * slices(), [&](std::int64_t i) {
      const c10::AutoGradMode mode(false);
      if (i < slices()) {
        auto out = slice(weight, 0, i);
        at::mm_out(out, slice(inside, 1, i).t(), inputs_);
      } else {
        slice(inputs, 1, i - slices()).copy_(inside.mm(slice(hidden_weight_, 1, i - slices())));
      }
    });
    keep(hidden, weight);
    return inputs;
  }

  void backward_trunk(const at::Tensor& gradient) {
    const std::vector<at::Tensor> trunk(
        layers_.parameters().begin(),
        layers_.parameters().begin() + static_cast<std::ptrdiff_t>(layers_.trunk_parameters()));
    std::vector<std::vector<at::Tensor>> parts(trunk_.size());
    in_pieces(std::ssize(parts), [&](std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      parts[at] = torch::autograd::grad({trunk_[at]}, trunk, {shard(gradient, i)});
    });
    const c10::AutoGradMode no_gradients(false);
    for (std::size_t p = 0; p < trunk.size(); ++p) {
      auto sum = parts.front()[p];
      for (std::size_t i = 1; i < parts.size(); ++i) sum = sum + parts[i][p];
      keep(p, sum);
    }
  }

  /// The gradient of a parameter, in its own shape and without the scale of the loss.
  void keep(std::size_t parameter, const at::Tensor& gradient) {
    const auto& like = layers_.parameters()[parameter];
    auto own = gradient.to(at::kFloat).reshape(like.sizes()).contiguous();
    gradients_[parameter] = scale_ == 1 ? own : own / scale_;
  }

  static std::span<float> values(const at::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
  }

  void update_host(double learning_rate, double l2) {
    struct Block {
      std::size_t parameter;
      std::size_t first;
      std::size_t count;
    };
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < layers_.parameters().size(); ++i) {
      const auto n = values(layers_.parameters()[i]).size();
      for (std::size_t first = 0; first < n; first += kAdamBlock)
        blocks.push_back({i, first, std::min(kAdamBlock, n - first)});
    }
    in_pieces(std::ssize(blocks), [&](std::int64_t b) {
      const auto& [i, first, count] = blocks[static_cast<std::size_t>(b)];
      adam_step<float>(values(layers_.parameters()[i]).subspan(first, count),
                       std::span<const float>(values(gradients_[i])).subspan(first, count),
                       values(first_moment_[i]).subspan(first, count),
                       values(second_moment_[i]).subspan(first, count), step_, learning_rate,
                       layers_.specs()[i].is_weight ? l2 : 0.0);
    });
  }

  // The same formula as adam_step, on the device.
  void update_device(std::size_t i, double learning_rate, double decay) {
    const AdamOptions options;
    auto& parameter = layers_.parameters()[i];
    const auto t = static_cast<double>(step_);
    const double rate = learning_rate * std::sqrt(1 - std::pow(options.beta2, t)) /
                        (1 - std::pow(options.beta1, t));
    const auto gradient = gradients_[i] + parameter * (2 * decay);
    first_moment_[i].mul_(options.beta1).add_(gradient, 1 - options.beta1);
    second_moment_[i].mul_(options.beta2).addcmul_(gradient, gradient, 1 - options.beta2);
    parameter.addcdiv_(first_moment_[i], second_moment_[i].sqrt().add_(options.epsilon), -rate);
  }

  Layers layers_;
  std::vector<at::Tensor> first_moment_;
  std::vector<at::Tensor> second_moment_;
  std::vector<at::Tensor> gradients_;
  std::int64_t step_ = 0;
  at::ScalarType type_ = at::kFloat;  ///< Of products.
  double scale_ = 1;                  ///< Of the loss in the backward pass.

  // Of the last forward pass.
  std::vector<at::Tensor> trunk_;  ///< Outputs of the shards, with their graphs.
  at::Tensor inputs_;              ///< Of the head, all shards.
  at::Tensor mask_;
  at::Tensor hidden_weight_;
  at::Tensor activated_;
  at::Tensor dropped_;
};

class TorchBackend final : public Backend {
 public:
  std::string description() const override { return std::string("LibTorch ") + TORCH_VERSION; }
  bool has_cuda() const override {
    return guarded([] { return torch::cuda::is_available(); });
  }
  std::shared_ptr<const Network> network(const Architecture& architecture,
                                         const Tensors& tensors,
                                         Device device,
                                         Precision precision) const override {
    return guarded([&]() -> std::shared_ptr<const Network> {
      // On accelerators, too, float32 means float32, and sums of 16-bit products are float32.
      at::globalContext().setAllowTF32CuDNN(false);
      at::globalContext().setAllowFP16ReductionCuBLAS(false);
      return std::make_shared<TorchNetwork>(architecture, tensors, device, precision);
    });
  }
  std::unique_ptr<Learner> learner(const Architecture& architecture,
                                   const Tensors& tensors,
                                   Device device,
                                   Precision precision) const override {
    return guarded([&]() -> std::unique_ptr<Learner> {
      return std::make_unique<TorchLearner>(architecture, tensors, device, precision);
    });
  }
};

}  // namespace
}  // namespace mito::nn

extern "C" int mito_nn_backend_version();
extern "C" const mito::nn::Backend* mito_nn_backend();

int mito_nn_backend_version() { return mito::nn::kBackendVersion; }

const mito::nn::Backend* mito_nn_backend() {
  static const mito::nn::TorchBackend backend;
  return &backend;
}
