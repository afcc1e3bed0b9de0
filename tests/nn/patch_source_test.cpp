#include "nodes/train_cnn/patch_source.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "nodes/train_cnn/split.h"
#include "tests/nn/frames.h"

namespace mito::train_cnn {
namespace {

using testing::HasSubstr;

template <class F>
std::string message_of(F&& body) {
  try {
    body();
  } catch (const DataError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

Params drawn(double fraction, std::int64_t seed = 1) {
  Params params;
  params.validation_fraction = fraction;
  params.seed = seed;
  return params;
}

std::vector<std::string> case_names(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.insert(out.end(), 3, fmt::format("case{:02}", count - 1 - i));
  return out;
}

TEST(SplitCases, DrawsAShareOfTheCasesByTheSeedWhateverTheirOrder) {
  auto cases = case_names(20);
  const auto first = split_cases(drawn(0.2), cases, "node").validation;
  std::ranges::sort(cases);

  EXPECT_EQ(first.size(), 4U);
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), 4U);
  EXPECT_EQ(split_cases(drawn(0.2), cases, "node").validation, first);
  EXPECT_NE(split_cases(drawn(0.2, 2), cases, "node").validation, first);
}

TEST(SplitCases, LeavesCasesOnBothSides) {
  EXPECT_EQ(split_cases(drawn(0.01), case_names(5), "node").validation.size(), 1U);
  EXPECT_EQ(split_cases(drawn(0.9), case_names(2), "node").validation.size(), 1U);
}

TEST(SplitCases, DrawsNoExcludedCase) {
  auto params = drawn(0.9);
  params.exclude_cases = {"case01"};
  const auto split = split_cases(params, case_names(4), "node");
  EXPECT_EQ(split.validation.size(), 2U);
  EXPECT_FALSE(split.held_out("case01"));
  EXPECT_TRUE(split.left_out("case01"));
}

TEST(SplitCases, SaysThatOneCaseCannotBeSplit) {
  EXPECT_THAT(message_of([] {
                split_cases(drawn(0.5), {"a", "a", "a"}, "node");
              }),
              testing::AllOf(HasSubstr("whole cases"), HasSubstr("all samples belong to 'a'")));
}

TEST(SplitCases, NamesACaseThatIsNotThere) {
  Params params;
  params.validation_cases = {"b"};
  EXPECT_THAT(message_of([&] { split_cases(params, {"a"}, "node"); }),
              HasSubstr("validation_cases names case 'b', but no sample belongs to it"));
}

TEST(PatchSource, SortsThePatchesOfBothListsByCaseAndLabel) {
  auto first = labelled_patches(3, 4);
  auto second = labelled_patches(4, 2);
  auto params = short_patch_run();
  params.exclude_cases = {"case2"};

  const PatchSource source(params, first, &second, "node");

  // case0 validates: 4 + 2 patches; case1 (4 + 2) and case3 (2) train.
  EXPECT_EQ(source.validation_positives().size(), 3U);
  EXPECT_EQ(source.validation_negatives().size(), 3U);
  EXPECT_EQ(source.positives().size(), 4U);
  EXPECT_EQ(source.negatives(0, {}).samples.size(), 4U);
  EXPECT_EQ(source.negatives_per_epoch(), 4);
  std::set<std::string> training;
  for (const auto& sample : source.positives()) training.insert(source.name(sample));
  EXPECT_EQ(training, (std::set<std::string>{"patch4", "patch6", "patch2"}));
}

TEST(PatchSource, ShowsThePixelsOfThePatch) {
  const auto patches = labelled_patches(2, 4);
  const PatchSource source(short_patch_run(), patches, nullptr, "node");

  const auto view = source.pixels(source.validation_negatives()[0]);  // patch1

  ASSERT_EQ(view.rgb.size(), 128U * 128U * 3U);
  EXPECT_EQ(view.rgb.data(), patches.rgb.data() + 128 * 128 * 3);
  std::vector<float> cut(3 * 100 * 100);
  plain_patch(view, source.validation_negatives()[0].at, cut);
  EXPECT_FLOAT_EQ(cut[50 * 100 + 50], 120.0F / 255.0F);
  EXPECT_FLOAT_EQ(cut[0], static_cast<float>(view.rgb[(14 * 128 + 14) * 3]) / 255.0F);
}

TEST(PatchSource, RefusesASplitWithoutAClass) {
  auto patches = labelled_patches(2, 2);
  const auto message = [&] {
    return message_of([&] { PatchSource(short_patch_run(), patches, nullptr, "node"); });
  };
  patches.labels = {1, 1, 1, 0};
  EXPECT_THAT(message(), HasSubstr("no patch of the validation cases has label 0"));
  patches.labels = {1, 0, 0, 0};
  EXPECT_THAT(message(), HasSubstr("no patch of the training cases has label 1"));
}

TEST(PatchSource, RefusesWhatContradictsItself) {
  const auto message = [](auto&& spoil) {
    auto patches = labelled_patches(2, 4);
    auto params = short_patch_run();
    spoil(patches, params);
    return message_of([&] { PatchSource(params, patches, nullptr, "node"); });
  };
  EXPECT_THAT(message([](auto& patches, auto&) { patches.labels[2] = 3; }),
              HasSubstr("patch patch2 has label 3"));
  EXPECT_THAT(message([](auto& patches, auto&) { patches.cases.pop_back(); }),
              HasSubstr("8 labels, 8 names, 7 cases"));
  EXPECT_THAT(message([](auto& patches, auto&) { patches.size = 100; }),
              HasSubstr("at least 128 px"));
  EXPECT_THAT(message([](auto&, auto& params) { params.mine_after_epochs = {1}; }),
              HasSubstr("leave mine_after_epochs empty"));
}

TEST(Digest, OfPatchesChangesWithEveryPartOfThem) {
  const auto patches = labelled_patches(2, 2);
  std::set<std::string> seen{digest(patches, nullptr), digest(patches, &patches)};
  auto other = patches;
  other.rgb[5] ^= 1U;
  seen.insert(digest(other, nullptr));
  other = patches;
  other.labels[0] = 0;
  seen.insert(digest(other, nullptr));
  other = patches;
  other.cases[0] = "elsewhere";
  seen.insert(digest(other, nullptr));

  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(digest(patches, nullptr), digest(labelled_patches(2, 2), nullptr));
}

}  // namespace
}  // namespace mito::train_cnn
