#include "tools/bench/plain_step.h"

#include <cstring>
#include <vector>

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

namespace mito::bench {
namespace {

torch::Tensor copied(std::span<const float> values, std::vector<std::int64_t> sizes) {
  auto out = torch::empty(sizes);
  std::memcpy(out.data_ptr<float>(), values.data(), values.size_bytes());
  return out;
}

}  // namespace

class PlainStep::Impl {
 public:
  Impl(const nn::Architecture& architecture,
       const nn::Tensors& weights,
       double learning_rate,
       double l2,
       int threads)
      : threads_(threads) {
    std::int64_t channels = 3;
    for (std::size_t i = 0; i < architecture.filters.size(); ++i) {
      const std::int64_t kernel = i == 8 ? 14 : 3;
      const std::int64_t stride = i == 1 || i == 3 ? 2 : 1;
      trunk_->push_back(torch::nn::Conv2d(
          torch::nn::Conv2dOptions(channels, architecture.filters[i], kernel).stride(stride)));
      trunk_->push_back(torch::nn::LeakyReLU(
          torch::nn::LeakyReLUOptions().negative_slope(architecture.slope).inplace(true)));
      channels = architecture.filters[i];
    }
    output_ = torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, 2, 1));
    auto parameters = trunk_->parameters();
    for (auto& p : output_->parameters()) parameters.push_back(p);
    const torch::NoGradGuard no_gradients;
    const auto specs = nn::tensor_specs(architecture);
    for (std::size_t i = 0; i < specs.size(); ++i) {
      const auto& array = weights.at(specs[i].name);
      parameters[i].copy_(copied(array.as<float>(), {array.shape.begin(), array.shape.end()}));
    }
    // the library's decay is a factor on the weight itself: twice that on its square
    optimizer_ = std::make_unique<torch::optim::Adam>(
        parameters, torch::optim::AdamOptions(learning_rate).weight_decay(2 * l2));
  }

  double step(std::span<const float> patches,
              std::int64_t count,
              std::span<const float> dropout,
              std::span<const float> target) {
    torch::set_num_threads(threads_);
    const auto q = copied(target, {count});
    auto x = trunk_->forward(copied(patches, {count, 3, nn::kPatch, nn::kPatch}));
    x = output_(x * copied(dropout, {count, x.size(1), 1, 1})).flatten(1);
    const auto p = torch::log_softmax(x, 1);
    const auto loss = -(q * p.select(1, 1) + (1 - q) * p.select(1, 0)).mean();
    optimizer_->zero_grad();
    loss.backward();
    optimizer_->step();
    torch::set_num_threads(1);
    return static_cast<double>(loss.item<float>());
  }

 private:
  int threads_;
  torch::nn::Sequential trunk_;
  torch::nn::Conv2d output_{nullptr};
  std::unique_ptr<torch::optim::Adam> optimizer_;
};

PlainStep::PlainStep(const nn::Architecture& architecture,
                     const nn::Tensors& weights,
                     double learning_rate,
                     double l2,
                     int threads)
    : impl_(std::make_unique<Impl>(architecture, weights, learning_rate, l2, threads)) {}

PlainStep::~PlainStep() = default;

double PlainStep::step(std::span<const float> patches,
                       std::int64_t count,
                       std::span<const float> dropout,
                       std::span<const float> target) {
  return impl_->step(patches, count, dropout, target);
}

}  // namespace mito::bench
