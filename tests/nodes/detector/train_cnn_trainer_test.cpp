#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "nodes/detector/train_cnn/trainer.h"
#include "tests/nodes/detector/fake_learner.h"
#include "tests/nodes/detector/training/drawn_patches.h"
#include "tests/support/problem.h"

namespace mito::train_cnn {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr BatchPlace kShape{.epochs = 4, .batches = 3, .seed = 9};
constexpr std::uint32_t kBatches = 12;

bool never() { return false; }

Params narrow() {
  Params p;
  p.width_factor = 0.0625;
  p.checkpoint_s = 1e6;
  return p;
}

RunData data(const PatchSet& training, std::string identity = "data") {
  return {training, nn::PlainPatches(nn::drawn_patches("tuning", 1, 6), nullptr, 1, never),
          std::move(identity), kBatches};
}

struct FakeRun {
  explicit FakeRun(const Params& params = narrow(), Hooks hooks = {}, std::string identity = "data")
      : trainer(params, learner, data(training, std::move(identity)), std::move(hooks)) {}

  void add(std::uint32_t from, std::uint32_t to) {
    for (auto i = from; i < to; ++i) trainer.add(i, nn::drawn_batch(training, kShape, i, 8));
  }

  PatchSet training = nn::drawn_patches("case", 3, 6);
  std::shared_ptr<nn::FakeLearner> learner = std::make_shared<nn::FakeLearner>();
  Trainer trainer;
};

/// A place for a checkpoint, and what a run was told.
struct Kept {
  std::optional<Record> record;
  std::size_t reports = 0;
  std::vector<std::string> messages;

  Hooks hooks() {
    Hooks out;
    out.load = [this] { return record; };
    out.save = [this](const Record& r) { record = r; };
    out.report = [this](const auto& epochs, const auto& /*curve*/) { reports = epochs.size(); };
    out.progress = [this](const std::string& text, double) { messages.push_back(text); };
    return out;
  }
};

std::string without_times(std::vector<EpochMetrics> epochs) {
  for (auto& m : epochs) m.samples_per_second = m.waited_s = 0;
  return metrics_csv(epochs);
}

TEST(Trainer, FollowsTheScheduleOfTheLearningRate) {
  FakeRun run;
  run.add(0, kBatches);

  ASSERT_EQ(run.learner->rates.size(), kBatches);
  EXPECT_DOUBLE_EQ(run.learner->rates.front(), 1e-3);
  EXPECT_DOUBLE_EQ(run.learner->rates[2], 1e-3);
  EXPECT_NEAR(run.learner->rates[3], 1e-3 * std::cbrt(0.03), 1e-12);
  EXPECT_NEAR(run.learner->rates.back(), 3e-5, 1e-12);
}

TEST(Trainer, LearnsAndKeepsTheEarlierOfEquallyGoodEpochs) {
  FakeRun run;
  run.add(0, kBatches);

  const auto trained = run.trainer.finish();

  ASSERT_EQ(trained.epochs.size(), 4U);
  EXPECT_DOUBLE_EQ(trained.best().validation.f1, 1.0);
  EXPECT_LT(trained.epochs.back().loss, trained.epochs.front().loss);
  for (const auto& epoch : trained.epochs) {
    if (epoch.epoch >= trained.best_epoch) break;
    EXPECT_LT(epoch.validation.f1, trained.best().validation.f1);
  }
  EXPECT_EQ(stats::best_f1(trained.curve), trained.best().validation);
}

/// Tells the classes apart in the first epoch, but says less than 0.5 of both; from then on it says
/// more than 0.5 of everything.
struct UnsureLearner final : nn::FakeLearner {
  std::vector<float> predict(std::span<const float> patches, std::int64_t count) override {
    const bool first = rates.size() <= kShape.batches;
    // The darkest pixel of a positive is 10, of others 120.
    restore({{"w", Array::of(std::vector<float>{first ? -4.0F : 0.0F, first ? 0.0F : 1.0F})}});
    return FakeLearner::predict(patches, count);
  }
};

TEST(Trainer, ChoosesTheEpochByF1AtItsBestThresholdNotAtHalf) {
  const auto training = nn::drawn_patches("case", 3, 6);
  auto params = narrow();
  params.learning_rate_start = params.learning_rate_end = 1e-8;
  Trainer trainer(params, std::make_shared<UnsureLearner>(), data(training), {});
  for (std::uint32_t i = 0; i < kBatches; ++i)
    trainer.add(i, nn::drawn_batch(training, kShape, i, 8));

  const auto trained = trainer.finish();

  EXPECT_EQ(trained.best_epoch, 1);
  EXPECT_EQ(trained.epochs[0].validation.f1, 1);
  EXPECT_LT(trained.best().validation.threshold, 0.5);
  EXPECT_EQ(trained.epochs[0].half.f1, 0);
  EXPECT_GT(trained.epochs[1].half.f1, 0.6);
  EXPECT_LT(trained.epochs[1].validation.f1, 1);
}

TEST(Trainer, DrawsDropoutFromSampleAndEpochOnly) {
  FakeRun run;
  run.add(0, 1);
  const auto first = run.learner->dropped;
  const auto features = static_cast<std::size_t>(architecture(narrow()).features());
  ASSERT_EQ(first.size(), 8 * features);
  for (const float v : first) EXPECT_TRUE(v == 0.0F || v == 2.0F) << v;

  FakeRun other;
  auto batch = nn::drawn_batch(other.training, kShape, 0, 8);
  std::swap(batch.sample[0], batch.sample[3]);
  other.trainer.add(0, batch);

  const auto row = [&](const std::vector<float>& all, std::size_t i) {
    return std::vector<float>(all.begin() + static_cast<std::ptrdiff_t>(i * features),
                              all.begin() + static_cast<std::ptrdiff_t>((i + 1) * features));
  };
  EXPECT_EQ(row(other.learner->dropped, 0), row(first, 3));
  EXPECT_EQ(row(other.learner->dropped, 1), row(first, 1));
  run.add(1, 4);
  EXPECT_NE(run.learner->dropped, first) << "the second epoch draws anew";
}

TEST(Trainer, GivesTheSameWeightsWhereverItIsStoppedAndGoneOnWith) {
  FakeRun whole;
  whole.add(0, kBatches);
  const auto weights = whole.learner->weights();
  const auto expected = whole.trainer.finish();

  for (std::uint32_t stop_after = 1; stop_after < kBatches; ++stop_after) {
    Kept kept;
    auto hooks = kept.hooks();
    std::uint32_t asked = 0;
    hooks.stop = [&] { return ++asked == stop_after; };
    FakeRun first(narrow(), hooks);
    EXPECT_THROW(first.add(0, kBatches), Interrupted) << stop_after;
    ASSERT_TRUE(kept.record.has_value());
    const auto seen = Trainer::seen(*kept.record);
    EXPECT_EQ(seen, stop_after);

    FakeRun second(narrow(), kept.hooks());
    second.add(seen, kBatches);
    EXPECT_EQ(second.learner->weights(), weights) << "stopped after " << stop_after;
    const auto trained = second.trainer.finish();
    EXPECT_EQ(trained.weights, expected.weights) << "stopped after " << stop_after;
    EXPECT_EQ(without_times(trained.epochs), without_times(expected.epochs));
    EXPECT_EQ(trained.curve, expected.curve);
    EXPECT_EQ(kept.reports, 4U);
  }
}

TEST(Trainer, PassesOverBatchesThatItsCheckpointHasSeen) {
  FakeRun whole;
  whole.add(0, kBatches);
  Kept kept;
  { FakeRun(narrow(), kept.hooks()).add(0, 5); }
  FakeRun again(narrow(), kept.hooks());
  again.add(0, kBatches);

  EXPECT_EQ(again.learner->rates.size(), kBatches - 5);
  EXPECT_EQ(again.learner->weights(), whole.learner->weights());
}

TEST(Trainer, KeepsWhatItHasLearntWhenItIsDroppedHalfWay) {
  Kept kept;
  {
    FakeRun run(narrow(), kept.hooks());
    run.add(0, 5);
    EXPECT_EQ(Trainer::seen(*kept.record), 3U) << "only the end of the epoch was kept";
  }
  EXPECT_EQ(Trainer::seen(*kept.record), 5U);
}

TEST(Trainer, WritesACheckpointInTheMiddleOfAnEpochWhenItIsTime) {
  Kept kept;
  auto params = narrow();
  params.checkpoint_s = 0;
  FakeRun run(params, kept.hooks());
  run.add(0, 2);
  EXPECT_EQ(Trainer::seen(kept.record.value()), 2U);
}

TEST(Trainer, EndsEarlyWithoutABetterEpochAndNeedsNoMoreBatches) {
  Kept kept;
  auto params = narrow();
  params.patience = 1;
  FakeRun run(params, kept.hooks());
  run.add(0, kBatches);
  const auto steps = run.learner->rates.size();
  const auto trained = run.trainer.finish();

  EXPECT_LT(steps, kBatches);
  EXPECT_EQ(std::ssize(trained.epochs), trained.best_epoch + 1);
  EXPECT_EQ(Trainer::seen(*kept.record), kBatches);
  FakeRun again(params, kept.hooks());
  EXPECT_EQ(again.trainer.finish().weights, trained.weights);
}

TEST(Trainer, RefusesACheckpointOfAnotherRun) {
  Kept kept;
  FakeRun run(narrow(), kept.hooks());
  run.add(0, 3);
  auto params = narrow();
  params.l2 = 0.5;

  EXPECT_THAT(test::problem([&] { FakeRun(params, kept.hooks()); }),
              HasSubstr("belongs to a run with other data or parameters"));
  EXPECT_THAT(test::problem([&] { FakeRun(narrow(), kept.hooks(), "elsewhere"); }),
              HasSubstr("belongs to a run with other data or parameters"));
}

TEST(Trainer, NamesTheSamplesWhenTheLossIsNotFiniteAndKeepsNothingOfThatStep) {
  Kept kept;
  {
    FakeRun run(narrow(), kept.hooks());
    run.learner->explode_at = 4;
    EXPECT_THAT(test::problem([&] { run.add(0, kBatches); }),
                AllOf(HasSubstr("not finite in epoch 2, batch 2; samples: slide_case"),
                      HasSubstr("(14,114)")));
  }
  EXPECT_EQ(Trainer::seen(*kept.record), 3U);
}

TEST(Trainer, RefusesABatchOutOfTurnOrOfAnotherShape) {
  FakeRun run;
  EXPECT_THAT(test::problem([&] { run.add(1, 2); }),
              HasSubstr("batch 2 (2 of epoch 1) arrived, but batch 1 (1 of epoch 1) is next"));

  auto batch = nn::drawn_batch(run.training, kShape, 0, 8);
  batch.target.pop_back();
  EXPECT_THAT(test::problem([&] { run.trainer.add(0, batch); }), HasSubstr("contradicts itself"));
  batch = nn::drawn_batch(run.training, kShape, 0, 8);
  batch.target[2] = NAN;
  EXPECT_THAT(test::problem([&] { run.trainer.add(0, batch); }), HasSubstr("not a probability"));
  batch = nn::drawn_batch(run.training, kShape, 0, 8);
  batch.place.epochs = 7;
  EXPECT_THAT(test::problem([&] { run.trainer.add(0, batch); }),
              HasSubstr("7 epochs of 3 batches are announced, but 12 batches come"));
  EXPECT_THAT(test::problem([&] { run.trainer.finish(); }), HasSubstr("0 of 12 batches came"));
}

TEST(Trainer, SaysHowFarItIsAndHowLongItTakes) {
  Kept kept;
  FakeRun run(narrow(), kept.hooks());
  run.add(0, 1);
  ASSERT_FALSE(kept.messages.empty());
  EXPECT_THAT(kept.messages.back(),
              AllOf(HasSubstr("epoch 1/4, loss 0."), HasSubstr("samples/s"), HasSubstr("left")));
  EXPECT_EQ(duration_text(40), "40 s");
  EXPECT_EQ(duration_text(720), "12 min");
  EXPECT_EQ(duration_text(3900), "1 h 05 min");
}

// Method 8.3: soft targets pull towards themselves, and 0 and 1 are labels.
TEST(Trainer, LearnsSoftTargets) {
  FakeRun run;
  for (std::uint32_t i = 0; i < kBatches; ++i) {
    auto batch = nn::drawn_batch(run.training, kShape, i, 8);
    for (auto& target : batch.target) target = 0.75F;
    run.trainer.add(i, batch);
  }
  const auto batch = nn::drawn_batch(run.training, kShape, 0, 8);
  const auto logits = run.learner->predict(batch.patches, 8);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_GT(logits[2 * i + 1], 0) << i;
}

TEST(Metrics, AreOneLinePerEpoch) {
  const std::vector<EpochMetrics> epochs{
      {1, 1e-3, 0.5, {0.75, 0.9, 0.6, 1.0}, {0.5, 0.5, 0.4, 0.6}, 123.45, 0.25}};

  EXPECT_EQ(metrics_csv(epochs),
            "epoch,learning_rate,loss,validation_f1,threshold,precision,recall,f1_at_half,"
            "samples_per_second,waited_s\n"
            "1,0.001,0.500000,0.7500,0.9,0.6000,1.0000,0.5000,123.5,0.2\n");
  EXPECT_THAT(metrics_json_lines(epochs), ::testing::StartsWith("{\"epoch\": 1, "));
}

}  // namespace
}  // namespace mito::train_cnn
