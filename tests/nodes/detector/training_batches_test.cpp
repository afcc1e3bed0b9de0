#include "nodes/detector/training_batches/training_batches.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::training_batches {
namespace {

constexpr std::size_t kBytes = std::size_t{3} * 128 * 128;

/// Patches with their own pixels: the first `positives` are positive, patch i is all of value i.
PatchSet set_of(std::size_t positives, std::size_t negatives, std::uint64_t seed = 3) {
  PatchSet set;
  set.slides = {{"s", "id", "case", CaseSet::Training}};
  set.size_px = 128;
  set.seed = seed;
  for (std::size_t i = 0; i < positives + negatives; ++i) {
    set.slide.push_back(0);
    set.at.push_back({64, 64});
    set.label.push_back(i < positives ? 1 : 0);
    set.in_pool.push_back(static_cast<std::int64_t>(2 * i));
    set.rgb.insert(set.rgb.end(), kBytes, static_cast<std::uint8_t>(i));
  }
  return set;
}

/// Order alone, without pixels.
std::vector<std::uint8_t> labels(std::size_t positives, std::size_t negatives) {
  std::vector<std::uint8_t> out(positives, 1);
  out.resize(positives + negatives, 0);
  return out;
}

// Method 15.9
TEST(TrainingBatches, AreBalancedAndUseEachListEvenly) {
  const Params params{.epochs = 7};
  const Order order(labels(50, 333), 1, params);
  std::map<std::uint32_t, int> used;
  std::vector<std::uint32_t> positives;
  std::vector<std::uint32_t> negatives;

  for (std::int64_t epoch = 0; epoch < order.epochs(); ++epoch) {
    for (std::int64_t batch = 0; batch < order.batches(); ++batch) {
      const auto patches = order.patches(epoch, batch);
      ASSERT_EQ(patches.size(), 64U);
      for (std::size_t i = 0; i < 64; ++i) {
        ASSERT_EQ(patches[i] < 50, i < 32);
        (i < 32 ? positives : negatives).push_back(patches[i]);
      }
    }
  }

  ASSERT_EQ(order.batches(), 6);  // ceil(383 / 64)
  for (const auto& [stream, first, size] :
       {std::tuple(&positives, 0U, 50U), {&negatives, 50U, 333U}}) {
    std::vector<int> count(size, 0);
    std::size_t drawn = 0;
    for (const auto i : *stream) {
      ++count[i - first];
      // Within a pass nothing comes twice: counts never differ by more than one.
      if (++drawn % size == 0) {
        EXPECT_THAT(count, testing::Each(static_cast<int>(drawn / size)));
      }
    }
    const auto [least, most] = std::ranges::minmax(count);
    EXPECT_LE(most - least, 1);
  }
}

TEST(TrainingBatches, EveryPassHasAnOrderOfItsOwn) {
  const Stream stream(100, 5, "test");
  const auto first = stream.at(0, 100);
  const auto second = stream.at(100, 100);
  EXPECT_NE(first, second);
  EXPECT_NE(first, Stream(100, 6, "test").at(0, 100));
  EXPECT_NE(first, Stream(100, 5, "other").at(0, 100));

  std::vector<std::uint32_t> across(second.begin(), second.begin() + 40);
  across.insert(across.begin(), first.begin() + 70, first.end());
  EXPECT_EQ(stream.at(70, 70), across);
}

TEST(TrainingBatches, AnEpochMayFollowTheLargerOrSmallerClassOrANumber) {
  const auto batches = [](const std::string& epoch, std::int64_t samples = 0) {
    return Order(labels(100, 1000), 1, {.batch = 10, .epoch = epoch, .samples_per_epoch = samples})
        .batches();
  };
  EXPECT_EQ(batches("all"), 110);
  EXPECT_EQ(batches("majority"), 200);
  EXPECT_EQ(batches("minority"), 20);
  EXPECT_EQ(batches("number", 31), 4);
}

TEST(TrainingBatches, OfThePaperAreAsManyAsItSays) {
  EXPECT_EQ(Order(labels(22000, 400000), 1, {}).batches(), 6594);
  EXPECT_EQ(Order(labels(22000, 100000), 1, {}).batches(), 1907);
}

TEST(TrainingBatches, HoldThePixelsTheTargetsAndThePlace) {
  const Batches batches(set_of(5, 20), nullptr, nullptr, {.epochs = 3, .batch = 8});

  ASSERT_EQ(batches.size(), 12U);
  const auto batch = batches.batch(6);

  EXPECT_EQ(batch.place, (BatchPlace{1, 3, 2, 4, 3}));
  EXPECT_THAT(batch.sample, testing::ElementsAre(16, 17, 18, 19, 20, 21, 22, 23));
  EXPECT_THAT(batch.target, testing::ElementsAre(1, 1, 1, 1, 0, 0, 0, 0));
  ASSERT_EQ(batch.rgb.size(), 8 * kBytes);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(batch.rgb[i * kBytes + 77], batch.patch[i]);
}

TEST(TrainingBatches, DependOnTheirIndexAloneWhoeverAsks) {
  const auto set = set_of(7, 9);
  const Params params{.epochs = 10, .batch = 6};
  const Batches forward(set, nullptr, nullptr, params);
  std::vector<PatchBatch> expected;
  for (std::uint32_t i = 0; i < forward.size(); ++i) expected.push_back(forward.batch(i));

  const Batches shared(set, nullptr, nullptr, params);
  std::vector<std::thread> threads;
  for (std::uint32_t first = 0; first < 4; ++first) {
    threads.emplace_back([&, first] {
      for (auto i = static_cast<std::uint32_t>(shared.size()); i-- > 0;) {
        if (i % 4 != first) continue;
        const auto batch = shared.batch(i);
        EXPECT_EQ(batch.patch, expected[i].patch);
        EXPECT_EQ(batch.rgb, expected[i].rgb);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(TrainingBatches, TakeSoftTargetsFromThePool) {
  const auto set = set_of(2, 3);
  PoolScores scores;
  scores.probability = {0.9F, -1, 0.8F, -1, 0.3F, -1, 0.2F, -1, 0.1F};

  EXPECT_THAT(targets_of(set, &scores), testing::ElementsAre(0.9F, 0.8F, 0.3F, 0.2F, 0.1F));

  scores.probability[4] = NAN;
  EXPECT_THROW(targets_of(set, &scores), DataError);
  scores.probability[4] = -1;
  EXPECT_THROW(targets_of(set, &scores), DataError);
  scores.probability.resize(6);
  EXPECT_THROW(targets_of(set, &scores), DataError);
}

// Method 7.10
TEST(TrainingBatches, SayThatAClassIsAbsent) {
  try {
    Order(labels(0, 10), 1, {});
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("none of the 10 patches to train on is positive"));
  }
  EXPECT_THROW(Order(labels(10, 0), 1, {}), DataError);
  EXPECT_THROW(Order(labels(0, 0), 1, {}), DataError);
}

TEST(TrainingBatches, NeedSlidesWhenTheSetHasNoPixels) {
  auto set = set_of(2, 2);
  set.rgb.clear();
  EXPECT_THROW(Batches(set, nullptr, nullptr, {.batch = 2}), DataError);
  set = set_of(2, 2);
  set.rgb.pop_back();
  EXPECT_THROW(Batches(set, nullptr, nullptr, {.batch = 2}), DataError);
}

TEST(TrainingBatches, RefuseParametersThatContradict) {
  EXPECT_THAT(check({.batch = 7}), testing::HasSubstr("even"));
  EXPECT_THAT(check({.epoch = "number"}), testing::HasSubstr("samples_per_epoch"));
  EXPECT_THAT(check({.samples_per_epoch = 5}), testing::HasSubstr("epoch: number"));
  EXPECT_EQ(check({}), "");
}

}  // namespace
}  // namespace mito::training_batches
