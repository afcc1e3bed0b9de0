#include "engine/nn/imported/onnx_function.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::nn {
namespace {

// OpenCV never makes threads, and what is wrong with a network is told once, by an exception.
void quiet_and_single() {
  static const bool kOnce = [] {
    cv::setNumThreads(1);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError([](int, const char*, const char*, const char*, int, void*) { return 0; });
    return true;
  }();
  static_cast<void>(kOnce);
}

template <class F>
auto guarded(F&& body) {
  quiet_and_single();
  try {
    return body();
  } catch (const cv::Exception& error) {
    throw DataError(fmt::format("OpenCV: {}", error.err));
  }
}

/// A net keeps what it computes, so each call at a time has one of its own.
class OnnxFunction final : public TensorFunction {
 public:
  explicit OnnxFunction(std::string bytes) : bytes_(std::move(bytes)) {
    auto net = read();
    const auto outputs = net.getUnconnectedOutLayersNames();
    if (outputs.size() != 1)  // which is the first is lost: OpenCV would take the last of the file
      throw DataError(fmt::format("it has {} outputs ({}); export it with the one that counts",
                                  outputs.size(), fmt::join(outputs, ", ")));
    output_ = outputs.front();
    give_back(std::move(net));
  }

  Blob run(std::span<const float> input, std::int64_t count, std::int64_t side) const override {
    return guarded([&] {
      auto net = take();
      const int sides[] = {static_cast<int>(count), 3, static_cast<int>(side),
                           static_cast<int>(side)};
      // OpenCV only reads the numbers, but has no matrix of constants.
      const cv::Mat blob(4, sides, CV_32F, const_cast<float*>(input.data()));  // NOLINT
      net.setInput(blob);
      cv::Mat out = net.forward(output_);
      if (out.type() != CV_32F)
        throw DataError("OpenCV: the output is not of 32-bit floating-point numbers");
      out = out.isContinuous() ? out : out.clone();
      Blob result;
      for (int i = 0; i < out.dims; ++i) result.shape.push_back(out.size[i]);
      result.values.assign(out.ptr<float>(), out.ptr<float>() + out.total());
      give_back(std::move(net));
      return result;
    });
  }

 private:
  cv::dnn::Net read() const {
    auto net = cv::dnn::readNetFromONNX(bytes_.data(), bytes_.size());
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    return net;
  }
  cv::dnn::Net take() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto net = std::move(idle_.back());
        idle_.pop_back();
        return net;
      }
    }
    return read();
  }
  void give_back(cv::dnn::Net net) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(net));
  }

  std::string bytes_;
  std::string output_;
  mutable std::mutex mutex_;
  mutable std::vector<cv::dnn::Net> idle_;
};

}  // namespace

std::shared_ptr<const TensorFunction> open_onnx(const std::string& bytes) {
  return guarded([&] { return std::make_shared<const OnnxFunction>(bytes); });
}

}  // namespace mito::nn
