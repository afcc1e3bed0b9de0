// The network library: the only code that sees LibTorch. Built as a shared object that mito::nn
// opens.
#include <cstring>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include "engine/core/error.h"
#include "engine/nn/adam.h"
#include "engine/nn/backend.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kHeadSide = 14;  // side of the ninth layer's kernel

// Parallelism belongs to the graph. The setting is per thread, so every entry point asks for it.
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
  const auto host = tensor.detach().to(at::kCPU).contiguous();
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

/// Weights of one layer after the other and the forward pass over them.
class Layers {
 public:
  Layers(const Architecture& architecture, const Tensors& tensors, Device device)
      : architecture_(architecture), device_(torch_device(device)) {
    check_tensors(architecture, tensors);
    for (const auto& spec : tensor_specs(architecture)) {
      specs_.push_back(spec);
      parameters_.push_back(to_tensor(tensors.at(spec.name), device_));
    }
  }

  const Architecture& architecture() const { return architecture_; }
  at::Device device() const { return device_; }
  const std::vector<TensorSpec>& specs() const { return specs_; }
  std::vector<at::Tensor>& parameters() { return parameters_; }
  const std::vector<at::Tensor>& parameters() const { return parameters_; }

  /// [n][3][h][w] -> logits [n][2] for a patch, [n][2][rows][columns] for a larger Table II input.
  at::Tensor forward(at::Tensor x, const at::Tensor& dropout = {}) const {
    return architecture_.family == Family::Table2 ? table2(std::move(x), dropout)
                                                  : cnn12(std::move(x), dropout);
  }

 private:
  const at::Tensor& weight(std::size_t layer) const { return parameters_[2 * layer]; }
  const at::Tensor& bias(std::size_t layer) const { return parameters_[2 * layer + 1]; }
  at::Tensor activate(at::Tensor x) const {
    return architecture_.slope == 0 ? at::relu_(x) : at::leaky_relu_(x, architecture_.slope);
  }

  at::Tensor table2(at::Tensor x, const at::Tensor& dropout) const {
    constexpr std::size_t kTrunk = 8;
    for (std::size_t i = 0; i < kTrunk; ++i) {
      const std::int64_t stride = i == 1 || i == 3 ? 2 : 1;
      x = activate(at::conv2d(x, weight(i), bias(i), stride));
    }
    if (x.size(2) == kHeadSide && x.size(3) == kHeadSide) {
      // One output position: a product is 1.7 times as fast as the convolution.
      x = activate(at::linear(x.flatten(1), weight(kTrunk).flatten(1), bias(kTrunk)));
      if (dropout.defined()) x = x * dropout;
      return at::linear(x, weight(kTrunk + 1).flatten(1), bias(kTrunk + 1));
    }
    x = activate(at::conv2d(x, weight(kTrunk), bias(kTrunk)));
    return at::conv2d(x, weight(kTrunk + 1), bias(kTrunk + 1));
  }

  at::Tensor cnn12(at::Tensor x, const at::Tensor& dropout) const {
    constexpr std::size_t kTrunk = 5;
    for (std::size_t i = 0; i < kTrunk; ++i)
      x = at::max_pool2d(activate(at::conv2d(x, weight(i), bias(i))), 2);
    x = activate(at::linear(x.flatten(1), weight(kTrunk), bias(kTrunk)));
    if (dropout.defined()) x = x * dropout;
    return at::linear(x, weight(kTrunk + 1), bias(kTrunk + 1));
  }

  Architecture architecture_;
  at::Device device_;
  std::vector<TensorSpec> specs_;
  std::vector<at::Tensor> parameters_;
};

class TorchNetwork final : public Network {
 public:
  TorchNetwork(const Architecture& architecture, const Tensors& tensors, Device device)
      : layers_(architecture, tensors, device) {}

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
    if (height < kReceptiveField || width < kReceptiveField ||
        rgb.size() != static_cast<std::size_t>(height * width * 3))
      throw DataError("a dense block needs 8-bit RGB pixels of at least 97 x 97 px");
    return guarded([&] {
      const c10::InferenceMode inference;
      auto pixels = at::empty({1, height, width, 3}, at::kByte);
      std::memcpy(pixels.data_ptr<std::uint8_t>(), rgb.data(), rgb.size());
      auto x = pixels.to(layers_.device()).permute({0, 3, 1, 2}).to(at::kFloat).contiguous();
      return to_vector(layers_.forward(x.div_(255.0)));
    });
  }

 private:
  Layers layers_;
};

class TorchLearner final : public Learner {
 public:
  TorchLearner(const Architecture& architecture, const Tensors& tensors, Device device)
      : layers_(architecture, tensors, device) {
    for (auto& parameter : layers_.parameters()) {
      first_moment_.push_back(at::zeros_like(parameter));
      second_moment_.push_back(at::zeros_like(parameter));
      parameter.set_requires_grad(true);
    }
  }

  std::vector<float> forward(std::span<const float> patches,
                             std::int64_t count,
                             std::span<const float> dropout) override {
    const std::int64_t features = layers_.architecture().features();
    if (!dropout.empty() && dropout.size() != static_cast<std::size_t>(count * features))
      throw DataError("the dropout mask does not fit the batch");
    return guarded([&] {
      at::Tensor mask;
      if (!dropout.empty()) {
        mask = at::empty({count, features}, at::kFloat);
        std::memcpy(mask.data_ptr<float>(), dropout.data(), dropout.size_bytes());
        mask = mask.to(layers_.device());
      }
      const c10::AutoGradMode with_gradients(true);
      logits_ = layers_.forward(patches_tensor(patches, count, layers_.device()), mask);
      return to_vector(logits_);
    });
  }

  void backward(std::span<const float> logit_gradient) override {
    if (!logits_.defined() || logit_gradient.size() != static_cast<std::size_t>(logits_.numel()))
      throw DataError("the gradient does not fit the logits of the last forward pass");
    guarded([&] {
      for (auto& parameter : layers_.parameters()) parameter.mutable_grad().reset();
      auto gradient = at::empty(logits_.sizes(), at::kFloat);
      std::memcpy(gradient.data_ptr<float>(), logit_gradient.data(), logit_gradient.size_bytes());
      logits_.backward(gradient.to(layers_.device()));
      logits_.reset();
    });
  }

  void step(double learning_rate, double l2) override {
    guarded([&] {
      const c10::AutoGradMode no_gradients(false);
      ++step_;
      for (std::size_t i = 0; i < layers_.parameters().size(); ++i) {
        const double decay = layers_.specs()[i].is_weight ? l2 : 0.0;
        if (layers_.device().is_cpu()) {
          update_host(i, learning_rate, decay);
        } else {
          update_device(i, learning_rate, decay);
        }
      }
    });
  }

  std::vector<float> predict(std::span<const float> patches, std::int64_t count) override {
    return guarded([&] {
      const c10::AutoGradMode no_gradients(false);
      return to_vector(layers_.forward(patches_tensor(patches, count, layers_.device())));
    });
  }

  Tensors gradients() const override {
    return guarded([&] {
      Tensors out;
      for (std::size_t i = 0; i < layers_.specs().size(); ++i) {
        const auto& gradient = layers_.parameters()[i].grad();
        if (!gradient.defined()) throw DataError("no backward pass has run yet");
        out[layers_.specs()[i].name] = to_array(gradient);
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
  static std::span<float> values(const at::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
  }

  void update_host(std::size_t i, double learning_rate, double decay) {
    const auto gradient = layers_.parameters()[i].grad().contiguous();
    const auto g = values(gradient);
    adam_step<float>(values(layers_.parameters()[i]), std::span<const float>(g),
                     values(first_moment_[i]), values(second_moment_[i]), step_, learning_rate,
                     decay);
  }

  // The same formula as adam_step, on the device.
  void update_device(std::size_t i, double learning_rate, double decay) {
    const AdamOptions options;
    auto& parameter = layers_.parameters()[i];
    const auto t = static_cast<double>(step_);
    const double rate = learning_rate * std::sqrt(1 - std::pow(options.beta2, t)) /
                        (1 - std::pow(options.beta1, t));
    const auto gradient = parameter.grad() + parameter * (2 * decay);
    first_moment_[i].mul_(options.beta1).add_(gradient, 1 - options.beta1);
    second_moment_[i].mul_(options.beta2).addcmul_(gradient, gradient, 1 - options.beta2);
    parameter.addcdiv_(first_moment_[i], second_moment_[i].sqrt().add_(options.epsilon), -rate);
  }

  Layers layers_;
  std::vector<at::Tensor> first_moment_;
  std::vector<at::Tensor> second_moment_;
  std::int64_t step_ = 0;
  at::Tensor logits_;
};

class TorchBackend final : public Backend {
 public:
  std::string description() const override { return std::string("LibTorch ") + TORCH_VERSION; }
  bool has_cuda() const override {
    return guarded([] { return torch::cuda::is_available(); });
  }
  std::shared_ptr<const Network> network(const Architecture& architecture,
                                         const Tensors& tensors,
                                         Device device) const override {
    return guarded([&]() -> std::shared_ptr<const Network> {
      return std::make_shared<TorchNetwork>(architecture, tensors, device);
    });
  }
  std::unique_ptr<Learner> learner(const Architecture& architecture,
                                   const Tensors& tensors,
                                   Device device) const override {
    return guarded([&]() -> std::unique_ptr<Learner> {
      return std::make_unique<TorchLearner>(architecture, tensors, device);
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
