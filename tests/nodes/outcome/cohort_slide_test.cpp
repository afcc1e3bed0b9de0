#include "nodes/outcome/cohort_slide/cohort_slide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/support/drawn_slide.h"

namespace mito::cohort_slide {
namespace {

using ::testing::HasSubstr;

constexpr Grid kGrid{0.5, 0.5, 0.25, 4000, 3000};  // 0.5 um per level-0 pixel

SlideInfo slide_info() {
  SlideInfo info;
  info.path = "slides/a.svs";
  info.name = info.path.stem().string();
  info.identity = "pixels of a";
  return info;
}

DetectionSet detections() { return {kGrid, {{{100, 40}, 0.9, 4}}, 0.8, 1}; }

TEST(CohortSlide, PutsClaimsBesideTheMitosesInMicrons) {
  const ImageAnnotations marked{"a", "7", {{{90, 40}, "mitosis"}, {{10, 10}, "hard_negative"}}};
  TissueMask mask;
  mask.area_mm2 = 2.5;

  const auto out = beside({}, slide_info(), detections(), marked, &mask, nullptr);

  ASSERT_EQ(out.image.claims.size(), 1U);
  EXPECT_DOUBLE_EQ(out.image.claims[0].x, 50);
  EXPECT_DOUBLE_EQ(out.image.claims[0].y, 20);
  EXPECT_DOUBLE_EQ(out.image.claims[0].score, 0.9);
  ASSERT_EQ(out.image.truths.size(), 1U);
  EXPECT_DOUBLE_EQ(out.image.truths[0].x, 45);
  EXPECT_EQ(out.other_labels, 1);
  EXPECT_EQ(out.case_id, "7");
  EXPECT_EQ(out.lowest_score, 0.8);
  EXPECT_EQ(out.tissue_mm2, 2.5);
}

TEST(CohortSlide, TakesCentreScannerAndCaseFromTheTable) {
  const CohortTable table{"study.csv", {{"a", "9", "Utrecht", "XR", std::nullopt, std::nullopt}}};

  const auto out = beside({}, slide_info(), detections(), {"a", "", {}}, nullptr, &table);

  EXPECT_EQ(out.case_id, "9");
  EXPECT_EQ(out.centre, "Utrecht");
  EXPECT_EQ(out.scanner, "XR");
  EXPECT_FALSE(out.tissue_mm2.has_value());
}

TEST(CohortSlide, LooksAtPlacesOfTheSlide) {
  test::TempFolder folder;
  const auto slide = Slide::open(test::draw_slide(folder.path()), {});

  const auto picture = pictures_of(slide)(50, 20, 32);

  EXPECT_EQ(picture.at, (PointL0{200, 80}));  // of 0.25 um
  EXPECT_THAT(picture.uri, ::testing::StartsWith("data:image/jpeg;base64,"));
  EXPECT_NE(picture.uri, pictures_of(slide)(90, 20, 32).uri);
}

TEST(CohortSlide, RefusesTwoCasesOfOneSlide) {
  const CohortTable table{"study.csv", {{"a", "9", "", "", std::nullopt, std::nullopt}}};

  try {
    beside({}, slide_info(), detections(), {"a", "7", {}}, nullptr, &table);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("slide 'a' is of case '7' in its annotations and of case "
                                        "'9' in study.csv"));
  }
}

}  // namespace
}  // namespace mito::cohort_slide
