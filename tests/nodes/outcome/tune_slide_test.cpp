#include "nodes/outcome/tune_slide/tune_slide.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::tune_slide {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

stats::SlideCounts slide(const std::string& name,
                         std::vector<double> counts,
                         std::optional<double> proliferation,
                         std::optional<int> grade) {
  stats::SlideCounts out;
  out.name = out.identity = name;
  out.case_id = "case-" + name;
  out.thresholds = {0.8, 0.9, 0.95};
  out.counts = std::move(counts);
  out.proliferation = proliferation;
  out.grade = grade;
  return out;
}

/// Counts follow the references at 0.9 alone.
std::vector<stats::SlideCounts> study() {
  return {slide("a", {9, 1, 0}, 0.1, 1), slide("b", {8, 5, 0}, 0.2, 2),
          slide("c", {9, 12, 1}, 0.3, 3), slide("d", {1, 20, 0}, 0.4, 3)};
}

TEST(TuneSlide, ChoosesDeltaBySpearmanThenTheCountsByKappa) {
  const auto out = tune(study());

  EXPECT_EQ(out.min_probability, 0.9);
  EXPECT_EQ(out.value, 1);
  EXPECT_EQ(out.measure, "spearman");
  ASSERT_TRUE(out.has_grades);
  EXPECT_EQ(out.grade1_max_count, 1);
  EXPECT_EQ(out.grade2_max_count, 5);
  EXPECT_EQ(out.kappa, 1);
  EXPECT_THAT(out.cases, ElementsAre("case-a", "case-b", "case-c", "case-d"));
  EXPECT_EQ(out.delta_curve.values.size(), 6U);
  EXPECT_EQ(out.grade_curve.values.size(), 3U * 231);  // pairs of 0..21
  EXPECT_THAT(out.warnings, Contains(HasSubstr("the same for 28 pairs")));
}

TEST(TuneSlide, DoesNotDependOnTheOrderOfSlides) {
  auto shuffled = study();
  std::ranges::reverse(shuffled);

  EXPECT_EQ(Codec<Tuning>::encode(tune(shuffled)), Codec<Tuning>::encode(tune(study())));
}

TEST(TuneSlide, LeavesOutSlidesWithoutTheReferenceOfAStep) {
  auto slides = study();
  slides.push_back(slide("e", {0, 30, 9}, std::nullopt, std::nullopt));

  const auto out = tune(slides);

  EXPECT_EQ(out.value, 1);
  EXPECT_EQ(out.rule, "hotspot count of 4 slides with a reference score");
  EXPECT_EQ(out.cases.size(), 5U);
}

TEST(TuneSlide, WithoutGradesTunesDeltaAloneAndSaysSo) {
  auto slides = study();
  for (auto& one : slides) one.grade.reset();

  const auto out = tune(slides);

  EXPECT_FALSE(out.has_grades);
  EXPECT_THAT(out.warnings, Contains(HasSubstr("0 of 4 slides have a reference grade")));
}

TEST(TuneSlide, RefusesWhatHasNoCorrelation) {
  auto slides = study();
  for (auto& one : slides) one.proliferation = 1;
  EXPECT_THROW(tune(slides), DataError);
  EXPECT_THROW(tune({}), DataError);

  slides = study();
  slides[2].thresholds[0] = 0.7;
  try {
    tune(slides);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("slides 'a' and 'c' were counted at different"));
  }
}

}  // namespace
}  // namespace mito::tune_slide
