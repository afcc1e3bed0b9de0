#include "tools/bench/opencv_network.h"

#include <algorithm>
#include <string>
#include <vector>

#include <opencv2/dnn.hpp>

namespace mito::bench {
namespace {

cv::Mat blob(const Array& array) {
  const std::vector<int> sides(array.shape.begin(), array.shape.end());
  cv::Mat out(sides, CV_32F);
  std::ranges::copy(array.as<float>(), out.ptr<float>());
  return out;
}

}  // namespace

struct OpencvNetwork::State {
  cv::dnn::Net net;
  cv::Mat logits;
};

OpencvNetwork::OpencvNetwork(const nn::Architecture& architecture, const nn::Tensors& tensors)
    : state_(std::make_unique<State>()) {
  cv::setNumThreads(1);
  const auto convolution = [&](std::string name, int stride) {
    const Array& weight = tensors.at(name + ".weight");
    cv::dnn::LayerParams layer;
    layer.set("kernel_size", static_cast<int>(weight.shape.back()));
    layer.set("num_output", static_cast<int>(weight.shape.front()));
    layer.set("stride", stride);
    layer.blobs = {blob(weight), blob(tensors.at(name + ".bias"))};
    state_->net.addLayerToPrev(name, "Convolution", layer);
  };
  for (int i = 1; i <= 9; ++i) {
    convolution("conv" + std::to_string(i), i == 2 || i == 4 ? 2 : 1);
    cv::dnn::LayerParams activation;
    activation.set("negative_slope", architecture.slope);
    state_->net.addLayerToPrev("relu" + std::to_string(i), "ReLU", activation);
  }
  convolution("output", 1);
  state_->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
}

OpencvNetwork::~OpencvNetwork() = default;

std::span<const float> OpencvNetwork::run(std::span<const std::uint8_t> rgb,
                                          std::int64_t side) const {
  const auto n = static_cast<int>(side);
  // OpenCV only reads the pixels, but has no matrix of constants.
  const cv::Mat image(n, n, CV_8UC3, const_cast<std::uint8_t*>(rgb.data()));  // NOLINT
  state_->net.setInput(cv::dnn::blobFromImage(image, 1.0 / 255));
  state_->logits = state_->net.forward();
  return {state_->logits.ptr<float>(), state_->logits.total()};
}

}  // namespace mito::bench
