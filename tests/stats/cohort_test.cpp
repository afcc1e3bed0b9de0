#include "engine/stats/cohort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

TEST(Cohort, RefusesTheSameImageTwice) {
  std::vector<CohortSlide> cohort;
  CohortSlide slide;
  slide.name = "a";
  slide.identity = "pixels";
  add_slide(cohort, slide);
  slide.name = "copy of a";

  try {
    add_slide(cohort, slide);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(), "slides 'a' and 'copy of a' are the same image; list it once");
  }
}

TEST(Cohort, RatesOfEqualCasesHaveNoWidth) {
  const std::vector<Counts> cases(5, Counts{3, 1, 2});

  const auto out = rates(cases, 200, 1);

  EXPECT_DOUBLE_EQ(*out.f1.value, 6.0 / 9);
  ASSERT_TRUE(out.f1.interval);
  EXPECT_DOUBLE_EQ(out.f1.interval->low, out.f1.interval->high);
  EXPECT_FALSE(rates(std::vector<Counts>{{1, 1, 1}}, 200, 1).f1.interval);
}

TEST(SlideCounts, AreStoredWholeAlsoWithoutAReference) {
  SlideCounts counts;
  counts.name = "s";
  counts.identity = "id";
  counts.case_id = "c";
  counts.scanner = "Aperio";
  counts.bytes = 4321;
  counts.thresholds = {0.8, 0.9};
  counts.counts = {12, 7.5};
  counts.grade = 2;

  const auto back = Codec<SlideCounts>::decode(Codec<SlideCounts>::encode(counts));

  EXPECT_EQ(back.name, "s");
  EXPECT_EQ(back.identity, "id");
  EXPECT_EQ(back.case_id, "c");
  EXPECT_EQ(back.centre, "");
  EXPECT_EQ(back.scanner, "Aperio");
  EXPECT_EQ(back.thresholds, counts.thresholds);
  EXPECT_EQ(back.counts, counts.counts);
  EXPECT_EQ(back.grade, 2);
  EXPECT_EQ(back.proliferation, std::nullopt);
  EXPECT_EQ(back.bytes, 4321U);
  auto older = Codec<SlideCounts>::encode(counts);
  older.attributes.erase("bytes");
  EXPECT_EQ(Codec<SlideCounts>::decode(older).bytes, 0U);
  auto torn = Codec<SlideCounts>::encode(counts);
  torn.arrays["count"] = Array::of(std::vector<double>{1});
  EXPECT_THROW(Codec<SlideCounts>::decode(torn), DataError);
}

}  // namespace
}  // namespace mito::stats
