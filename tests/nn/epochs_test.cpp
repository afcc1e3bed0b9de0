#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "nodes/train_cnn/train_cnn.h"
#include "tests/nn/frames.h"

namespace mito::train_cnn {
namespace {

/// Logistic regression on the red value of the darkest pixel near the centre, with plain gradient
/// steps: quick, and enough to go through every part of the loop.
class FakeLearner final : public nn::Learner {
 public:
  std::vector<float> forward(std::span<const float> patches,
                             std::int64_t count,
                             std::span<const float> /*dropout*/) override {
    inputs_ = features(patches, count);
    if (forwards++ == explode_at) return std::vector<float>(inputs_.size() * 2, NAN);
    return logits();
  }
  void backward(std::span<const float> gradient) override {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      gradient_w_ += gradient[2 * i + 1] * inputs_[i];
      gradient_b_ += gradient[2 * i + 1];
      labels.push_back(gradient[2 * i + 1] < 0 ? 1 : 0);
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
  nn::Tensors gradients() const override { return {}; }
  nn::Tensors weights() const override { return {{"w", Array::of(std::vector<float>{w_, b_})}}; }
  nn::Tensors state() const override { return weights(); }
  void restore(const nn::Tensors& state) override {
    w_ = state.at("w").as<float>()[0];
    b_ = state.at("w").as<float>()[1];
  }

  std::vector<int> labels;
  std::vector<double> rates;
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

std::string message(const Params& params,
                    const std::vector<Image>& training,
                    const std::vector<Image>& validation,
                    FakeLearner& learner,
                    const Hooks& hooks = {}) {
  try {
    run_on_frames(params, training, validation, learner, hooks);
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(RunEpochs, BatchesAreHalfMitosesAndHalfNot) {
  FakeLearner learner;

  run_on_frames(short_run(), frames(3), frames(1), learner, {});

  ASSERT_EQ(learner.labels.size(), 4U * 3U * 8U);
  for (std::size_t i = 0; i < learner.labels.size(); ++i)
    EXPECT_EQ(learner.labels[i], i % 8 < 4 ? 1 : 0) << i;
}

TEST(RunEpochs, FollowsTheScheduleOfTheLearningRate) {
  FakeLearner learner;

  run_on_frames(short_run(), frames(3), frames(1), learner, {});

  EXPECT_DOUBLE_EQ(learner.rates.front(), 1e-3);
  EXPECT_DOUBLE_EQ(learner.rates[2], 1e-3);
  EXPECT_NEAR(learner.rates[3], 1e-3 * std::cbrt(0.03), 1e-12);
  EXPECT_NEAR(learner.rates.back(), 3e-5, 1e-12);
}

TEST(RunEpochs, LearnsAndMines) {
  FakeLearner learner;

  const auto trained = run_on_frames(short_run(), frames(3), frames(1), learner, {});

  ASSERT_EQ(trained.epochs.size(), 4U);
  EXPECT_DOUBLE_EQ(trained.best.f1, 1.0);
  EXPECT_LT(trained.epochs.back().loss, trained.epochs.front().loss);
  EXPECT_EQ(trained.epochs[0].hard_negatives, 0);
  EXPECT_EQ(trained.epochs[1].hard_negatives, 10);
}

TEST(RunEpochs, KeepsTheEarlierOfEquallyGoodEpochs) {
  FakeLearner learner;
  const auto trained = run_on_frames(short_run(), frames(3), frames(1), learner, {});

  std::int64_t first = 0;
  for (const auto& epoch : trained.epochs) {
    if (first == 0 && epoch.validation.f1 == trained.best.f1) first = epoch.epoch;
  }
  EXPECT_EQ(trained.best_epoch, first);
}

TEST(RunEpochs, GivesTheSameWeightsWhereverItIsStopped) {
  const auto params = short_run();
  const auto training = frames(3);
  const auto validation = frames(1);
  FakeLearner whole;
  const auto expected = run_on_frames(params, training, validation, whole, {});

  // The loop asks 22 times in all: before each of 12 batches, 8 scorings and 2 minings.
  for (int allowed = 1; allowed < 22; allowed += 3) {
    std::optional<Record> kept;
    Hooks hooks;
    hooks.load = [&] { return kept; };
    hooks.save = [&](const Record& record) { kept = record; };
    int asked = 0;
    hooks.stop = [&] { return ++asked == allowed; };
    FakeLearner first;
    EXPECT_THROW(run_on_frames(params, training, validation, first, hooks), Interrupted) << allowed;
    FakeLearner second;

    const auto trained = run_on_frames(params, training, validation, second, hooks);

    EXPECT_EQ(second.weights(), whole.weights()) << "stopped at " << allowed;
    EXPECT_EQ(trained.weights, expected.weights) << "stopped at " << allowed;
    EXPECT_EQ(metrics_csv(trained.epochs), metrics_csv(expected.epochs))
        << "stopped at " << allowed;
  }
}

TEST(RunEpochs, RefusesACheckpointOfAnotherRun) {
  std::optional<Record> kept;
  Hooks hooks;
  hooks.load = [&] { return kept; };
  hooks.save = [&](const Record& record) { kept = record; };
  FakeLearner learner;
  auto params = short_run();
  run_on_frames(params, frames(3), frames(1), learner, hooks);
  params.seed = 2;

  EXPECT_THAT(message(params, frames(3), frames(1), learner, hooks),
              testing::HasSubstr("belongs to a run with other data or parameters"));
}

TEST(RunEpochs, NamesTheSamplesWhenTheLossIsNotFinite) {
  FakeLearner learner;
  learner.explode_at = 4;

  EXPECT_THAT(message(short_run(), frames(3), frames(1), learner),
              testing::AllOf(testing::HasSubstr("not finite in epoch 2, batch 2; samples: frame"),
                             testing::HasSubstr("(20")));
}

TEST(RunEpochs, RefusesASplitWithoutMitoses) {
  FakeLearner learner;
  auto empty = frames(1);
  empty[0].mitoses.clear();

  EXPECT_THAT(message(short_run(), empty, frames(1), learner),
              testing::HasSubstr("no mitosis is marked in the training images"));
  EXPECT_THAT(message(short_run(), frames(1), empty, learner),
              testing::HasSubstr("no mitosis is marked in the validation images"));
}

/// Two patches' worth of samples that counts how often each is looked at.
class CountingSource final : public SampleSource {
 public:
  CountingSource(std::int32_t positives, std::int32_t negatives) {
    const auto list = [this](std::int32_t count) {
      std::vector<Sample> out;
      for (std::int32_t i = 0; i < count; ++i)
        out.push_back({static_cast<std::int32_t>(looked_at.size()) + i, {64, 64}});
      looked_at.resize(looked_at.size() + static_cast<std::size_t>(count));
      return out;
    };
    positives_ = list(positives);
    all_negatives_ = list(negatives);
    validation_positives_ = list(1);
    validation_negatives_ = list(1);
  }
  Negatives negatives(std::int64_t /*phase*/, std::span<const double> /*scores*/) const override {
    return {all_negatives_, 0};
  }
  std::int64_t negatives_per_epoch() const override { return std::ssize(all_negatives_); }
  nn::PixelView pixels(const Sample& sample) const override {
    ++looked_at.at(static_cast<std::size_t>(sample.image));
    return {{0, 0, 128, 128}, rgb_};
  }
  std::string name(const Sample& sample) const override { return std::to_string(sample.image); }

  mutable std::vector<int> looked_at;

 private:
  std::vector<Sample> all_negatives_;
  std::vector<std::uint8_t> rgb_ = std::vector<std::uint8_t>(128 * 128 * 3, 100);
};

// METHODS 15.9
TEST(RunEpochs, UsesEverySampleOfAClassEquallyOftenAndBothClassesAlike) {
  const CountingSource source(7, 25);
  Params params;
  params.augment = "none";
  params.epochs = 5;
  FakeLearner learner;

  run_epochs(params, source, learner, {});

  // 5 epochs of one batch: ceil((7 + 25) / 64). 160 of each class, in passes of 7 and of 25.
  ASSERT_EQ(learner.labels.size(), 5U * 64U);
  EXPECT_EQ(std::ranges::count(learner.labels, 1), 160);
  const std::vector<int> positives(source.looked_at.begin(), source.looked_at.begin() + 7);
  const std::vector<int> negatives(source.looked_at.begin() + 7, source.looked_at.begin() + 32);
  EXPECT_THAT(positives, testing::Each(testing::AllOf(testing::Ge(22), testing::Le(23))));
  EXPECT_THAT(negatives, testing::Each(testing::AllOf(testing::Ge(6), testing::Le(7))));
  EXPECT_EQ(source.looked_at[32], 5) << "validated once per epoch";
}

TEST(Metrics, AreOneLinePerEpoch) {
  const std::vector<EpochMetrics> epochs{{1, 1e-3, 0.5, {0.75, 0.9, 0.6, 1.0}, 20, 10}};

  EXPECT_EQ(metrics_csv(epochs),
            "epoch,learning_rate,loss,validation_f1,threshold,precision,recall,negatives,"
            "hard_negatives\n1,0.001,0.500000,0.7500,0.900000,0.6000,1.0000,20,10\n");
  EXPECT_THAT(metrics_json_lines(epochs), testing::StartsWith("{\"epoch\": 1, "));
}

}  // namespace
}  // namespace mito::train_cnn
