// The network library: the only code that sees LibTorch. Built as a shared object that mito::nn
// opens.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
#include "engine/nn/torch/script_function.h"

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
    return trunk(x.to(type), [&](std::size_t i, const at::Tensor& input, std::int64_t stride) {
      return at::conv2d(input, weight(i).to(type), bias(i).to(type), stride);
    });
  }

  /// The trunk with `convolved(layer, input, stride)` for what goes into each activation.
  template <class F>
  at::Tensor trunk(at::Tensor x, const F& convolved) const {
    const bool pools = architecture_.family == Family::Cnn12;
    for (std::size_t i = 0; i < trunk_; ++i) {
      const std::int64_t stride = !pools && (i == 1 || i == 3) ? 2 : 1;
      x = activate(convolved(i, x, stride));
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

  const at::Tensor& weight(std::size_t layer) const { return parameters_[2 * layer]; }
  const at::Tensor& bias(std::size_t layer) const { return parameters_[2 * layer + 1]; }

 private:
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
               const LearnerOptions& options)
      : layers_(architecture, tensors, device), options_(options) {
    type_ = type_of(device, options.precision);
    if (options.precision == Precision::Mixed) scale_ = kLossScale;
    for (std::size_t i = 0; i < layers_.parameters().size(); ++i) {
      const auto& spec = layers_.specs()[i];
      learn(spec.name, layers_.parameters()[i], spec.is_weight);
    }
    const auto layers = options.batch_norm ? layers_.trunk_parameters() / 2 : 0;
    for (std::size_t i = 0; i < layers; ++i) {
      auto scale = at::ones_like(layers_.bias(i).detach());
      learn(layer_name(i) + ".scale", scale, false);
      mean_.emplace_back();
      variance_.emplace_back();
    }
    for (const auto p : trunk_learnt()) learnt_[p].value.set_requires_grad(true);
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
      if (!learnt_.front().gradient.defined()) throw DataError("no backward pass has run yet");
      ++step_;
      folded_.reset();
      if (layers_.device().is_cpu()) {
        update_host(learning_rate, l2);
        return;
      }
      for (auto& one : learnt_) update_device(one, learning_rate, one.decays ? l2 : 0.0);
    });
  }

  std::vector<float> predict(std::span<const float> patches, std::int64_t count) override {
    return guarded([&] {
      const auto all = patches_tensor(patches, count, layers_.device());
      const auto& layers = folded();
      std::vector<at::Tensor> parts(static_cast<std::size_t>(shards(count)));
      in_pieces(shards(count), [&](std::int64_t i) {
        const c10::AutoGradMode no_gradients(false);
        parts[static_cast<std::size_t>(i)] = layers.forward(shard(all, i));
      });
      const c10::AutoGradMode no_gradients(false);
      return to_vector(at::cat(parts));
    });
  }

  Tensors gradients() const override {
    return guarded([&] {
      Tensors out;
      for (const auto& one : learnt_) {
        if (!one.gradient.defined()) throw DataError("no backward pass has run yet");
        out[one.name] = to_array(one.gradient);
      }
      return out;
    });
  }

  Tensors weights() const override {
    return guarded([&] {
      Tensors out;
      for (std::size_t i = 0; i < layers_.specs().size(); ++i)
        out[layers_.specs()[i].name] = to_array(layers_.parameters()[i]);
      fold(out);
      return out;
    });
  }

  Tensors state() const override {
    return guarded([&] {
      Tensors out;
      for (const auto& one : learnt_) {
        out["weight." + one.name] = to_array(one.value);
        out["moment1." + one.name] = to_array(one.first_moment);
        out["moment2." + one.name] = to_array(one.second_moment);
      }
      for (std::size_t i = 0; i < mean_.size() && mean_[i].defined(); ++i) {
        out["mean." + layer_name(i)] = to_array(mean_[i]);
        out["variance." + layer_name(i)] = to_array(variance_[i]);
      }
      out["step"] = Array::of(std::vector<std::int64_t>{step_});
      return out;
    });
  }

  void restore(const Tensors& state) override {
    guarded([&] {
      const c10::AutoGradMode no_gradients(false);
      folded_.reset();
      check_state(state);
      for (auto& one : learnt_) {
        take(state, "weight." + one.name, one.value);
        take(state, "moment1." + one.name, one.first_moment);
        take(state, "moment2." + one.name, one.second_moment);
      }
      for (std::size_t i = 0; i < mean_.size(); ++i) {
        mean_[i].reset();
        variance_[i].reset();
        if (!state.contains("mean." + layer_name(i))) continue;
        mean_[i] = at::empty_like(layers_.bias(i).detach());
        variance_[i] = at::empty_like(mean_[i]);
        take(state, "mean." + layer_name(i), mean_[i]);
        take(state, "variance." + layer_name(i), variance_[i]);
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
  // Of batch normalisation: what keeps a variance of 0 from dividing, and the weight of the past in
  // the running mean and variance, which takes over once there is a past.
  static constexpr double kEpsilon = 1e-5;
  static constexpr double kPast = 0.99;

  /// A tensor in training.
  struct Learnt {
    std::string name;
    at::Tensor value;  ///< Shares its numbers with the layer that uses it.
    at::Tensor first_moment;
    at::Tensor second_moment;
    at::Tensor gradient;  ///< Of the last backward pass.
    bool decays = false;  ///< Under the L2 penalty.
  };

  /// Mean and variance of the outputs of a layer, one number per channel.
  struct Moments {
    at::Tensor mean;
    at::Tensor variance;
  };

  void learn(std::string name, const at::Tensor& value, bool decays) {
    learnt_.push_back(
        {std::move(name), value, at::zeros_like(value), at::zeros_like(value), {}, decays});
  }

  static std::string layer_name(std::size_t i) { return "conv" + std::to_string(i + 1); }
  bool normalises() const { return options_.batch_norm; }
  const at::Tensor& scale(std::size_t layer) const {
    return learnt_[layers_.parameters().size() + layer].value;
  }

  /// What autograd computes gradients of: the trunk, and the scales of batch normalisation.
  std::vector<std::size_t> trunk_learnt() const {
    std::vector<std::size_t> out;
    for (std::size_t p = 0; p < layers_.trunk_parameters(); ++p) out.push_back(p);
    for (std::size_t p = layers_.parameters().size(); p < learnt_.size(); ++p) out.push_back(p);
    return out;
  }

  static void take(const Tensors& state, const std::string& name, at::Tensor& target) {
    const auto found = state.find(name);
    const auto sizes = target.sizes();
    if (found == state.end() || !std::equal(sizes.begin(), sizes.end(), found->second.shape.begin(),
                                            found->second.shape.end()))
      throw DataError("the training state has no " + name + " of the shape that is trained");
    target.copy_(to_tensor(found->second, target.device()));
  }

  /// Throws DataError when the weights and moments are not those of this architecture.
  void check_state(const Tensors& state) const {
    for (const std::string part : {"weight.", "moment1.", "moment2."}) {
      Tensors tensors;
      for (const auto& [name, array] : state) {
        if (name.starts_with(part) && !name.ends_with(".scale"))
          tensors[name.substr(part.size())] = array;
      }
      check_tensors(layers_.architecture(), tensors);
    }
  }

  /// Puts batch normalisation into the weights and biases of the layers before it.
  void fold(Tensors& weights) const {
    const c10::AutoGradMode no_gradients(false);
    for (std::size_t i = 0; i < mean_.size() && mean_[i].defined(); ++i) {
      const auto factor = scale(i) / (variance_[i] + kEpsilon).sqrt();
      weights[layer_name(i) + ".weight"] = to_array(layers_.weight(i) * factor.view({-1, 1, 1, 1}));
      weights[layer_name(i) + ".bias"] = to_array(layers_.bias(i) - mean_[i] * factor);
    }
  }

  /// The network as it is stored.
  const Layers& folded() {
    if (!normalises()) return layers_;
    if (!folded_)
      folded_.emplace(layers_.architecture(), weights(),
                      layers_.device().is_cpu() ? Device::Cpu : Device::Cuda);
    return *folded_;
  }

  at::Tensor product(std::size_t layer, const at::Tensor& x, std::int64_t stride) const {
    return at::conv2d(x, layers_.weight(layer).to(type_), {}, stride).to(at::kFloat);
  }

  /// The trunk of one shard with batch normalisation; its moments of every layer into `moments`.
  at::Tensor normalised_trunk(const at::Tensor& x, std::vector<Moments>& moments) const {
    moments.clear();
    return layers_.trunk(x.to(type_), [&](std::size_t i, const at::Tensor& input, std::int64_t by) {
      const auto [out, mean, inverse_deviation] =
          at::native_batch_norm(product(i, input, by), scale(i), layers_.bias(i), {}, {},
                                /*training=*/true, /*momentum=*/0, kEpsilon);
      moments.push_back({mean.detach(), inverse_deviation.detach().pow(-2) - kEpsilon});
      return out.to(type_);
    });
  }

  /// Chooses scales and biases with which batch normalisation leaves the function of the network,
  /// on these patches, as it is.
  void begin_with_function(const at::Tensor& patches) {
    const c10::AutoGradMode no_gradients(false);
    layers_.trunk(patches.to(type_), [&](std::size_t i, const at::Tensor& x, std::int64_t stride) {
      const auto out = product(i, x, stride);
      const auto mean = out.mean(at::IntArrayRef{0, 2, 3});
      const auto variance = (out - mean.view({-1, 1, 1})).square_().mean(at::IntArrayRef{0, 2, 3});
      const auto biased = out + layers_.bias(i).view({-1, 1, 1});
      learnt_[layers_.parameters().size() + i].value.copy_((variance + kEpsilon).sqrt());
      learnt_[2 * i + 1].value.add_(mean);
      return biased.to(type_);
    });
  }

  /// Running mean and variance of every layer, from the shards of a batch in their order.
  void run_moments(const std::vector<std::vector<Moments>>& shards, std::int64_t count) {
    const c10::AutoGradMode no_gradients(false);
    const double past =
        std::min(kPast, static_cast<double>(step_) / static_cast<double>(step_ + 1));
    for (std::size_t layer = 0; layer < mean_.size(); ++layer) {
      auto mean = at::zeros_like(layers_.bias(layer));
      auto square = at::zeros_like(mean);
      for (std::size_t s = 0; s < shards.size(); ++s) {
        const auto& one = shards[s][layer];
        const double share = static_cast<double>(trunk_[s].size(0)) / static_cast<double>(count);
        mean.add_(one.mean, share);
        square.add_(one.variance + one.mean.square(), share);
      }
      const auto variance = (square - mean.square()).clamp_min_(0);
      const bool first = !mean_[layer].defined();
      mean_[layer] = first ? mean : mean_[layer] * past + mean * (1 - past);
      variance_[layer] = first ? variance : variance_[layer] * past + variance * (1 - past);
    }
    folded_.reset();
  }

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

  void forward_trunk(const at::Tensor& batch) {
    if (normalises() && options_.trained && !mean_.front().defined()) begin_with_function(batch);
    if (normalises()) deal(batch.size(0));
    const auto patches = order_.defined() ? batch.index_select(0, order_) : batch;
    trunk_.assign(static_cast<std::size_t>(shards(patches.size(0))), {});
    std::vector<std::vector<Moments>> moments(trunk_.size());
    in_pieces(std::ssize(trunk_), [&](std::int64_t i) {
      const c10::AutoGradMode with_gradients(true);
      const auto at = static_cast<std::size_t>(i);
      const auto own = shard(patches, i);
      trunk_[at] = (normalises() ? normalised_trunk(own, moments[at]) : layers_.trunk(own, type_))
                       .flatten(1);
    });
    if (normalises()) run_moments(moments, patches.size(0));
    const c10::AutoGradMode no_gradients(false);
    inputs_ = at::cat(trunk_);
    if (order_.defined()) inputs_ = inputs_.index_select(0, place_);
  }

  /// Deals the patches of a batch out to its shards, one after the other: a batch has its positives
  /// first, and a shard of one class would tell the network which class it is.
  void deal(std::int64_t count) {
    std::vector<std::int64_t> order;
    for (std::int64_t first = 0; first < shards(count); ++first)
      for (auto i = first; i < count; i += shards(count)) order.push_back(i);
    order_ = at::tensor(order).to(layers_.device());
    place_ = order_.argsort();
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

  void backward_trunk(const at::Tensor& all) {
    const auto gradient = order_.defined() ? all.index_select(0, order_) : all;
    const auto learnt = trunk_learnt();
    std::vector<at::Tensor> trunk;
    for (const auto p : learnt) trunk.push_back(learnt_[p].value);
    std::vector<std::vector<at::Tensor>> parts(trunk_.size());
    in_pieces(std::ssize(parts), [&](std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      parts[at] = torch::autograd::grad({trunk_[at]}, trunk, {shard(gradient, i)});
    });
    const c10::AutoGradMode no_gradients(false);
    for (std::size_t p = 0; p < trunk.size(); ++p) {
      auto sum = parts.front()[p];
      for (std::size_t i = 1; i < parts.size(); ++i) sum = sum + parts[i][p];
      keep(learnt[p], sum);
    }
  }

  /// The gradient of a parameter, in its own shape and without the scale of the loss.
  void keep(std::size_t parameter, const at::Tensor& gradient) {
    auto& one = learnt_[parameter];
    auto own = gradient.to(at::kFloat).reshape(one.value.sizes()).contiguous();
    one.gradient = scale_ == 1 ? own : own / scale_;
  }

  static std::span<float> values(const at::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
  }

  void update_host(double learning_rate, double l2) {
    struct Block {
      Learnt* learnt;
      std::size_t first;
      std::size_t count;
    };
    std::vector<Block> blocks;
    for (auto& one : learnt_) {
      const auto n = values(one.value).size();
      for (std::size_t first = 0; first < n; first += kAdamBlock)
        blocks.push_back({&one, first, std::min(kAdamBlock, n - first)});
    }
    in_pieces(std::ssize(blocks), [&](std::int64_t b) {
      const auto& [one, first, count] = blocks[static_cast<std::size_t>(b)];
      adam_step<float>(values(one->value).subspan(first, count),
                       std::span<const float>(values(one->gradient)).subspan(first, count),
                       values(one->first_moment).subspan(first, count),
                       values(one->second_moment).subspan(first, count), step_, learning_rate,
                       one->decays ? l2 : 0.0);
    });
  }

  // The same formula as adam_step, on the device.
  void update_device(Learnt& one, double learning_rate, double decay) {
    const AdamOptions options;
    const auto t = static_cast<double>(step_);
    const double rate = learning_rate * std::sqrt(1 - std::pow(options.beta2, t)) /
                        (1 - std::pow(options.beta1, t));
    const auto gradient = one.gradient + one.value * (2 * decay);
    one.first_moment.mul_(options.beta1).add_(gradient, 1 - options.beta1);
    one.second_moment.mul_(options.beta2).addcmul_(gradient, gradient, 1 - options.beta2);
    one.value.addcdiv_(one.first_moment, one.second_moment.sqrt().add_(options.epsilon), -rate);
  }

  Layers layers_;
  LearnerOptions options_;
  std::vector<Learnt> learnt_;        ///< Those of layers_, then the scales of batch normalisation.
  std::vector<at::Tensor> mean_;      ///< Running, per layer with batch normalisation.
  std::vector<at::Tensor> variance_;  ///< Running, per layer with batch normalisation.
  std::optional<Layers> folded_;      ///< The network as it is stored, until the next step.
  std::int64_t step_ = 0;
  at::ScalarType type_ = at::kFloat;  ///< Of products.
  double scale_ = 1;                  ///< Of the loss in the backward pass.

  // Of the last forward pass.
  std::vector<at::Tensor> trunk_;  ///< Outputs of the shards, with their graphs.
  at::Tensor inputs_;              ///< Of the head, all shards.
  at::Tensor order_;               ///< With batch normalisation: the patches, shard after shard,
  at::Tensor place_;               ///< and where each of the batch stands there.
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
                                   const LearnerOptions& options) const override {
    return guarded([&]() -> std::unique_ptr<Learner> {
      return std::make_unique<TorchLearner>(architecture, tensors, device, options);
    });
  }
  std::shared_ptr<const TensorFunction> script(const std::string& bytes,
                                               Device device) const override {
    return open_script(bytes, device);
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
