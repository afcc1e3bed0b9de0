#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/nn/backend.h"

namespace mito::nn {

/// Logistic regression on the red value of the darkest pixel near the centre, with plain gradient
/// steps: quick, and enough to go through every part of the loop. Needs no network library.
class FakeLearner : public Learner {
 public:
  std::vector<float> forward(std::span<const float> patches,
                             std::int64_t count,
                             std::span<const float> dropout) override {
    inputs_ = features(patches, count);
    dropped.assign(dropout.begin(), dropout.end());
    if (forwards++ == explode_at) return std::vector<float>(inputs_.size() * 2, NAN);
    return logits();
  }
  void backward(std::span<const float> gradient) override {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      gradient_w_ += gradient[2 * i + 1] * inputs_[i];
      gradient_b_ += gradient[2 * i + 1];
    }
  }
  void step(double learning_rate, double /*l2*/) override {
    rates.push_back(learning_rate);
    w_ -= 100 * static_cast<float>(learning_rate) * gradient_w_;
    b_ -= 100 * static_cast<float>(learning_rate) * gradient_b_;
    gradient_w_ = gradient_b_ = 0;
  }
  std::vector<float> predict(std::span<const float> patches, std::int64_t count) override {
    inputs_ = features(patches, count);
    return logits();
  }
  Tensors gradients() const override { return {}; }
  Tensors weights() const override { return {{"w", Array::of(std::vector<float>{w_, b_})}}; }
  Tensors state() const override { return weights(); }
  void restore(const Tensors& state) override {
    w_ = state.at("w").as<float>()[0];
    b_ = state.at("w").as<float>()[1];
  }

  std::vector<double> rates;
  std::vector<float> dropped;  ///< Of the last step.
  int forwards = 0;
  int explode_at = -1;

 private:
  static std::vector<float> features(std::span<const float> patches, std::int64_t count) {
    std::vector<float> out;
    for (std::int64_t i = 0; i < count; ++i) {
      float darkest = 1;
      for (std::int64_t y = 35; y < 65; ++y) {
        for (std::int64_t x = 35; x < 65; ++x)
          darkest =
              std::min(darkest, patches[static_cast<std::size_t>((i * 3 * 100 + y) * 100 + x)]);
      }
      out.push_back(darkest);
    }
    return out;
  }
  std::vector<float> logits() const {
    std::vector<float> out;
    for (const float x : inputs_) out.insert(out.end(), {0.0F, w_ * x + b_});
    return out;
  }
  float w_ = 0;
  float b_ = 0;
  float gradient_w_ = 0;
  float gradient_b_ = 0;
  std::vector<float> inputs_;
};

}  // namespace mito::nn
