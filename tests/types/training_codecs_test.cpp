#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/training.h"
#include "tests/support/problem.h"

namespace mito {
namespace {

using test::problem;
using ::testing::HasSubstr;

const std::vector<PoolSlide> kSlides{{"a", "id;1", "case 1", CaseSet::Training},
                                     {"odd\\name\nof two lines", "id 2", "", CaseSet::Test}};

PatchSet patches() {
  PatchSet set;
  set.slides = kSlides;
  set.slide = {0, 0, 1};
  set.at = {{5, 6}, {700000, 8}, {9, 10}};
  set.label = {1, 0, 0};
  set.in_pool = {4, 2, -1};
  set.seed = 17;
  set.member = 3;
  return set;
}

TEST(TrainingCodecs, LabelledCandidatesComeBackAsTheyWere) {
  const LabelledCandidates before{{2, 2, 0.25, 900, 700},
                                  "slide",
                                  "identity",
                                  "case",
                                  {{1, 2}, {899, 699}},
                                  {1, 2},
                                  {7, 6, 5, 400, 9, 390, 1.5, 25, 7.5}};

  const auto after = Codec<LabelledCandidates>::decode(Codec<LabelledCandidates>::encode(before));

  EXPECT_EQ(after.grid, before.grid);
  EXPECT_EQ(after.slide, "slide");
  EXPECT_EQ(after.identity, "identity");
  EXPECT_EQ(after.case_id, "case");
  EXPECT_EQ(after.at, before.at);
  EXPECT_EQ(after.label, before.label);
  EXPECT_EQ(after.recall, before.recall);
}

TEST(TrainingCodecs, PoolsComeBackAsTheyWere) {
  const CandidatePool before{kSlides, {0, 1}, {{1, 2}, {3, 4}}, {0, 1}};

  const auto after = Codec<CandidatePool>::decode(Codec<CandidatePool>::encode(before));

  EXPECT_EQ(after.slides, before.slides);
  EXPECT_EQ(after.slide, before.slide);
  EXPECT_EQ(after.at, before.at);
  EXPECT_EQ(after.label, before.label);
  EXPECT_EQ(Codec<CandidatePool>::decode(Codec<CandidatePool>::encode({})).size(), 0U);
}

TEST(TrainingCodecs, ScoresComeBackWithWhatWasNotAsked) {
  const PoolScores before{{0.25F, std::numeric_limits<float>::quiet_NaN()}, "digest"};

  const auto after = Codec<PoolScores>::decode(Codec<PoolScores>::encode(before));
  const auto some = Codec<CandidateScores>::decode(
      Codec<CandidateScores>::encode({{8, 3}, {0.5F, 0.75F}, "slide", "digest"}));

  ASSERT_EQ(after.probability.size(), 2U);
  EXPECT_EQ(after.probability[0], 0.25F);
  EXPECT_TRUE(std::isnan(after.probability[1]));
  EXPECT_EQ(after.model, "digest");
  EXPECT_EQ(some.candidate, (std::vector<std::uint32_t>{8, 3}));
  EXPECT_EQ(some.probability, (std::vector<float>{0.5F, 0.75F}));
  EXPECT_EQ(some.identity, "slide");
}

TEST(TrainingCodecs, PatchSetsComeBackAsTheyWereWithAndWithoutPixels) {
  const auto before = patches();
  auto filled = before;
  filled.size_px = 2;
  filled.rgb.assign(3 * 2 * 2 * 3, 7);

  const auto after = Codec<PatchSet>::decode(Codec<PatchSet>::encode(before));
  const auto full = Codec<PatchSet>::decode(Codec<PatchSet>::encode(filled));

  EXPECT_EQ(after.slides, before.slides);
  EXPECT_EQ(after.slide, before.slide);
  EXPECT_EQ(after.at, before.at);
  EXPECT_EQ(after.label, before.label);
  EXPECT_EQ(after.in_pool, before.in_pool);
  EXPECT_TRUE(after.rgb.empty());
  EXPECT_EQ(after.seed, 17U);
  EXPECT_EQ(after.member, 3);
  EXPECT_EQ(full.rgb, filled.rgb);
  EXPECT_EQ(full.size_px, 2);
}

TEST(TrainingCodecs, ColumnsThatDoNotFitAreNamed) {
  auto record = Codec<PatchSet>::encode(patches());
  record.arrays["in_pool"] = Array::of(std::vector<std::int64_t>{1});
  auto beyond = Codec<CandidatePool>::encode({kSlides, {0, 2}, {{1, 2}, {3, 4}}, {0, 1}});

  EXPECT_THAT(problem([&] { Codec<PatchSet>::decode(record); }),
              HasSubstr("'in_pool' has 1 rows, expected 3"));
  EXPECT_THAT(problem([&] { Codec<CandidatePool>::decode(beyond); }), HasSubstr("slide 2 of 2"));
}

TEST(TrainingCodecs, ADigestNamesTheContent) {
  const auto digest = content_digest(patches());
  auto moved = patches();
  moved.at[1].y += 1;
  auto seeded = patches();
  seeded.seed += 1;
  auto renamed = patches();
  renamed.slides[0].case_id = "case 2";

  EXPECT_EQ(content_digest(patches()), digest);
  EXPECT_NE(content_digest(moved), digest);
  EXPECT_NE(content_digest(seeded), digest);
  EXPECT_NE(content_digest(renamed), digest);
}

TEST(TrainingCodecs, SetsOfCasesHaveNames) {
  EXPECT_EQ(name_of(CaseSet::Validation), "validation");
  EXPECT_EQ(case_set_from("test"), CaseSet::Test);
  EXPECT_THAT(problem([] { case_set_from("trainin"); }), HasSubstr("did you mean 'training'"));
}

}  // namespace
}  // namespace mito
