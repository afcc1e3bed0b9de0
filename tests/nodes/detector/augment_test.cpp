#include "nodes/detector/augment/augment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::augment {
namespace {

PatchBatch batch_of(std::size_t n, std::uint64_t first_sample = 0) {
  PatchBatch batch;
  batch.place = {.epoch = 2, .epochs = 5, .batch = 1, .batches = 3, .seed = 11};
  batch.size_px = 128;
  RandomStream random(1, "augment_test", 0);
  for (std::size_t i = 0; i < n; ++i) {
    batch.patch.push_back(static_cast<std::uint32_t>(i));
    batch.sample.push_back(first_sample + i);
    batch.target.push_back(0.5F);
  }
  batch.rgb.resize(n * 3 * 128 * 128);
  for (auto& v : batch.rgb) v = static_cast<std::uint8_t>(random.below(256));
  return batch;
}

std::vector<float> one(const TrainingBatch& batch, std::size_t i) {
  const auto from = batch.patches.begin() + static_cast<std::ptrdiff_t>(i * 30000);
  return {from, from + 30000};
}

TEST(AugmentNode, KeepsWhatABatchSaysAndFillsInThePatches) {
  const auto in = batch_of(3, 64);
  const auto out = apply(augmentation({}, nullptr), in);

  EXPECT_EQ(out.place, in.place);
  EXPECT_EQ(out.patch, in.patch);
  EXPECT_EQ(out.sample, in.sample);
  EXPECT_EQ(out.target, in.target);
  ASSERT_EQ(out.patches.size(), 3U * 30000);
  EXPECT_TRUE(std::ranges::all_of(out.patches, [](float v) { return v >= 0 && v <= 1; }));
}

TEST(AugmentNode, NoneIsTheCentralCropInPlanes) {
  const auto in = batch_of(1);
  const auto out = apply(augmentation({.preset = "none"}, nullptr), in);

  for (std::size_t y = 0; y < 100; ++y)
    for (std::size_t x = 0; x < 100; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        ASSERT_EQ(out.patches[c * 10000 + y * 100 + x],
                  static_cast<float>(in.rgb[((y + 14) * 128 + x + 14) * 3 + c]) / 255.0F);
}

TEST(AugmentNode, APatchDoesNotDependOnTheBatchItIsIn) {
  for (const auto* preset : {"RCSEHBG", "HED-strong", "JPEG"}) {
    const auto what = augmentation({.preset = preset}, nullptr);
    const auto in = batch_of(4);
    const auto whole = apply(what, in);
    PatchBatch alone = batch_of(1);
    alone.sample = {2};
    std::copy_n(in.rgb.data() + std::size_t{2} * 49152, 49152, alone.rgb.data());

    EXPECT_EQ(one(apply(what, alone), 0), one(whole, 2)) << preset;
  }
}

TEST(AugmentNode, SeedEpochAndSampleChooseTheNumbers) {
  const auto what = augmentation({}, nullptr);
  const auto base = apply(what, batch_of(1));
  auto other = batch_of(1);
  other.place.seed = 12;
  EXPECT_NE(apply(what, other).patches, base.patches);
  other = batch_of(1);
  other.place.epoch = 3;
  EXPECT_NE(apply(what, other).patches, base.patches);
  other = batch_of(1);
  other.sample = {1};
  EXPECT_NE(apply(what, other).patches, base.patches);
  other = batch_of(1);
  other.place.batch = 2;  // only names the place
  EXPECT_EQ(apply(what, other).patches, base.patches);
}

TEST(AugmentNode, OperatorsAndNumbersOverrideThePreset) {
  const Params params{.preset = "RCSEHBG",
                      .operators = {"C", "B", "JPEG"},
                      .stain_sigma = 0.2,
                      .stain_cutoff = {0.1, 0.9},
                      .blur_px = {1},
                      .jpeg_quality = {50, 60},
                      .p_stain = 0.5};
  const auto what = augmentation(params, nullptr);

  EXPECT_EQ(check(params), "");
  EXPECT_FALSE(what.rotate || what.zoom || what.elastic || what.enhance || what.shift ||
               what.noise || what.randstainna);
  ASSERT_TRUE(what.stain && what.blur && what.jpeg);
  EXPECT_EQ(what.stain->sigma, 0.2);
  EXPECT_EQ(what.stain->p, 0.5);
  EXPECT_EQ(what.stain->cutoff, (image::Augmentation::Range{0.1, 0.9}));
  EXPECT_EQ(what.blur->sigma_px, (image::Augmentation::Range{1, 1}));
  EXPECT_EQ(what.jpeg->quality, (image::Augmentation::Range{50, 60}));
}

TEST(AugmentNode, NumbersInEffectAreThoseOfThePresetAndChangeNothing) {
  for (const auto name : image::kAugmentations) {
    Params params;
    params.preset = name;
    if (name == "RandStainNA") params.stain_statistics = std::vector<double>(36, 1.0);
    const auto all = in_effect(params);
    EXPECT_EQ(check(all), "") << name;
    const auto in = batch_of(4);
    EXPECT_EQ(apply(augmentation(all, nullptr), in).patches,
              apply(augmentation(params, nullptr), in).patches)
        << name;
  }
}

TEST(AugmentNode, NumbersInEffectSayWhichOperatorsThereAreAndWhatOverridesThePreset) {
  Params params;
  params.preset = "RSEB";
  params.zoom_range = {0.5, 2};

  const auto all = in_effect(params);

  EXPECT_EQ(all.operators, (std::vector<std::string>{"R", "S", "E", "B", "T"}));
  EXPECT_EQ(all.zoom_range, (std::vector<double>{0.5, 2}));
  EXPECT_EQ(all.blur_px, (std::vector<double>{0, 2}));
  EXPECT_EQ(all.shift_px, 14);
  EXPECT_FALSE(all.stain_sigma || all.p_stain);
  EXPECT_TRUE(all.noise_sd.empty());
}

TEST(AugmentNode, RandStainNaTakesItsStatisticsFromThePortOrTheParameters) {
  image::StainStatistics statistics;
  statistics.of[0][0] = {50, 5, 20, 2};
  const Params params{.preset = "RandStainNA"};

  EXPECT_EQ(augmentation(params, &statistics).randstainna->statistics, statistics);
  EXPECT_EQ(
      augmentation({.preset = "RandStainNA", .stain_statistics = statistics.numbers()}, nullptr)
          .randstainna->statistics,
      statistics);
  try {
    augmentation(params, nullptr);
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("fit_randstainna"));
  }
}

TEST(AugmentNode, FitsStatisticsThatItsOwnPatchesHave) {
  PatchSet set;
  set.slides = {{"s", "id", "case", CaseSet::Training}};
  set.size_px = 128;
  for (int i = 0; i < 6; ++i) {
    set.slide.push_back(0);
    set.at.push_back({});
    set.label.push_back(0);
    set.in_pool.push_back(-1);
    set.rgb.edit().insert(set.rgb.edit().end(), 49152,
                          static_cast<std::uint8_t>(i < 3 ? 102 : 204));
  }

  const auto fitted = fit({}, set, nullptr);

  EXPECT_EQ(fitted.patches, 6);
  const auto& value = fitted.of[1][2];  // V of HSV: 0.4 or 0.8, flat
  EXPECT_NEAR(value.mean_of_means, 0.6, 1e-6);
  EXPECT_NEAR(value.sd_of_means, 0.2, 1e-6);
  EXPECT_NEAR(value.mean_of_sds, 0, 1e-6);
  EXPECT_NEAR(value.sd_of_sds, 0, 1e-6);
  EXPECT_EQ(fit({.patches = 2}, set, nullptr).patches, 2);
}

TEST(AugmentNode, SaysWhatIsWrongWithTheParameters) {
  EXPECT_EQ(check({}), "");
  EXPECT_THAT(check({.operators = {"Q"}}), testing::HasSubstr("there is no 'Q'; expected X, R, M"));
  EXPECT_THAT(check({.preset = "RTC", .noise_sd = {0.1}}),
              testing::HasSubstr("'noise_sd' is of operator G"));
  EXPECT_THAT(check({.zoom_range = {1.2, 0.8}}), testing::HasSubstr("lowest and a highest"));
  EXPECT_THAT(check({.zoom_range = {1, 2, 3}}), testing::HasSubstr("zoom_range"));
  EXPECT_THAT(check({.shift_px = 1.5}), testing::HasSubstr("whole number"));
  EXPECT_THAT(check({.operators = {"C", "RandStainNA"}}), testing::HasSubstr("exclude"));
  EXPECT_THAT(check({.preset = "RandStainNA", .stain_statistics = {1, 2}}),
              testing::HasSubstr("36 numbers"));
}

TEST(AugmentNode, RefusesABatchThatContradictsItself) {
  auto batch = batch_of(2);
  batch.rgb.pop_back();
  EXPECT_THROW(apply(augmentation({}, nullptr), batch), DataError);
}

TEST(AugmentNode, ExchangeTakesTheStainOfAPatchOfTheBatch) {
  auto in = batch_of(8);
  for (std::size_t i = 0; i < in.rgb.size(); ++i)  // patches of different darkness
    in.rgb[i] = static_cast<std::uint8_t>(60 + 15 * (i / 49152) + in.rgb[i] % 20);
  const auto plain = apply(augmentation({.preset = "none"}, nullptr), in);
  Params params{.preset = "none", .operators = {"X"}, .exchange_share = {1, 1}};

  const auto out = apply(augmentation(params, nullptr), in);

  const auto mean = [](const std::vector<float>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  };
  int moved = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const double now = mean(one(out, i));
    double nearest = 1;
    for (std::size_t j = 0; j < 8; ++j)
      nearest = std::min(nearest, std::abs(now - mean(one(plain, j))));
    EXPECT_LT(nearest, 0.01) << i;
    moved += std::abs(now - mean(one(plain, i))) > 0.03 ? 1 : 0;
  }
  EXPECT_GT(moved, 3);
  EXPECT_EQ(apply(augmentation(params, nullptr), in).patches, out.patches);
  params.p_exchange = 0;
  EXPECT_EQ(apply(augmentation(params, nullptr), in).patches, plain.patches);
}

TEST(AugmentNode, ExchangeLeavesTheOtherDrawsAsTheyAre) {
  const auto in = batch_of(1);  // takes its own stain
  Params params{.preset = "RTC"};
  const auto without = apply(augmentation(params, nullptr), in);
  params.operators = {"X", "R", "T", "C"};

  const auto with = apply(augmentation(params, nullptr), in);

  for (std::size_t i = 0; i < with.patches.size(); ++i)
    ASSERT_NEAR(with.patches[i], without.patches[i], 5e-3);  // black is 1/255 in densities
}

}  // namespace
}  // namespace mito::augment
