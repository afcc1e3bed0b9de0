#include "nodes/detector/contact_sheet/contact_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "engine/core/error.h"
#include "nodes/detector/augment/augment.h"
#include "tests/support/drawn_slide.h"

namespace mito::contact_sheet {
namespace {

using ::testing::HasSubstr;

PatchSet flat_set(std::size_t n) {
  PatchSet set;
  set.slides = {{"s", "id", "case", CaseSet::Training}};
  set.size_px = 128;
  for (std::size_t i = 0; i < n; ++i) {
    set.slide.push_back(0);
    set.at.push_back({});
    set.label.push_back(static_cast<std::uint8_t>(i % 2));
    set.in_pool.push_back(-1);
    for (std::size_t k = 0; k < std::size_t{128} * 128; ++k)
      set.rgb.edit().insert(set.rgb.edit().end(), {static_cast<std::uint8_t>(10 * i), 100, 200});
  }
  return set;
}

TrainingBatch as(const PatchBatch& batch, const augment::Params& params) {
  return augment::apply(augment::augmentation(params, nullptr), batch);
}

TEST(ContactSheet, ShowsARowPerPatchAndAColumnPerBatchBesideTheOriginal) {
  const auto batch = preview_batch({.rows = 3}, flat_set(3), nullptr);
  const auto plain = as(batch, {.preset = "none"});
  auto dark = plain;
  for (auto& v : dark.patches) v *= 0.5F;

  const std::string png = draw_png({.columns = {"plain", "dark"}}, batch, {&plain, &dark});

  const cv::Mat picture =
      cv::imdecode(std::vector<std::uint8_t>(png.begin(), png.end()), cv::IMREAD_COLOR);
  ASSERT_EQ(picture.cols, 4 + 3 * 104);
  ASSERT_EQ(picture.rows, 26 + 3 * 104);
  for (int row = 0; row < 3; ++row) {
    const int y = 26 + row * 104 + 50;
    EXPECT_EQ(picture.at<cv::Vec3b>(y, 54), (cv::Vec3b(200, 100, static_cast<uchar>(10 * row))));
    EXPECT_EQ(picture.at<cv::Vec3b>(y, 158), picture.at<cv::Vec3b>(y, 54));
    EXPECT_EQ(picture.at<cv::Vec3b>(y, 262), (cv::Vec3b(100, 50, static_cast<uchar>(5 * row))));
  }
}

TEST(ContactSheet, ShowsTheStainsOfAPatchBeforeAndAfterTheirAugmentationAndBack) {
  const auto at = [](const std::string& png, int row, int column) {
    const cv::Mat sheet =
        cv::imdecode(std::vector<std::uint8_t>(png.begin(), png.end()), cv::IMREAD_COLOR);
    EXPECT_EQ(sheet.cols, 4 + 8 * 104);
    return sheet.at<cv::Vec3b>(26 + row * 104 + 50, 4 + column * 104 + 50);
  };
  const auto batch = preview_batch({.rows = 3}, flat_set(3), nullptr);

  const auto still = draw_stains_png({.sigma = 0}, batch);
  for (int row = 0; row < 3; ++row) {
    for (const int stain : {1, 2, 3}) EXPECT_EQ(at(still, row, stain), at(still, row, stain + 3));
    EXPECT_EQ(at(still, row, 7), at(still, row, 0)) << "the way back";
  }
  EXPECT_EQ(at(still, 0, 1), cv::Vec3b(0, 0, 0)) << "least light in red is most haematoxylin";
  EXPECT_EQ(at(still, 2, 1), cv::Vec3b(255, 255, 255));

  const auto moved = draw_stains_png({.seed = 3}, batch);
  for (int row = 0; row < 3; ++row) {
    int changed = 0;
    for (const int stain : {1, 2, 3})
      changed += at(moved, row, stain) != at(moved, row, stain + 3) ? 1 : 0;
    EXPECT_EQ(changed, 3);
    EXPECT_EQ(at(moved, row, 0), at(still, row, 0));
    EXPECT_NE(at(moved, row, 7), at(moved, row, 0));
  }
  EXPECT_NE(draw_stains_png({.seed = 4}, batch), moved);
}

TEST(ContactSheet, TakesPatchesEvenlyFromASet) {
  const auto batch = preview_batch({.rows = 4, .seed = 9}, flat_set(8), nullptr);

  EXPECT_THAT(batch.patch, ::testing::ElementsAre(0, 2, 4, 6));
  EXPECT_EQ(batch.place.seed, 9U);
  EXPECT_EQ(preview_batch({.rows = 40}, flat_set(3), nullptr).patch.size(), 3U);
}

TEST(ContactSheet, CutsCandidatesThatLieInsideTheSlide) {
  const test::TempFolder folder;
  const auto slide = Slide::open(test::draw_slide(folder.path()), {});
  CandidateSet candidates;
  for (const auto& [x, y] : {std::pair(300, 200), {63, 200}, {64, 64}, {537, 400}, {536, 436}})
    candidates.items.push_back({{}, x, y, 0.5F});

  const auto set = preview_patches({}, slide, candidates);

  EXPECT_THAT(set.at,
              ::testing::ElementsAre(GridPoint{300, 200}, GridPoint{64, 64}, GridPoint{536, 436}));
  EXPECT_EQ(set.rgb.size(), 3U * 3 * 128 * 128);
  EXPECT_EQ(set.rgb[(64 * 128 + 64) * 3], slide.read(slide.analysis_grid(), {300, 200, 1, 1})[0]);
  EXPECT_EQ(preview_patches({.count = 1}, slide, candidates).count(), 1U);
  EXPECT_THROW(preview_patches({}, slide, {}), DataError);
}

TEST(ContactSheet, SaysWhatDoesNotFit) {
  const auto batch = preview_batch({.rows = 2}, flat_set(2), nullptr);
  const auto plain = as(batch, {.preset = "none"});
  const auto fails = [&](const Params& params, const TrainingBatch& one, const char* with) {
    try {
      draw_png(params, batch, {&one});
      ADD_FAILURE() << "no error: " << with;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr(with));
    }
  };
  fails({.columns = {"a", "b"}}, plain, "2 captions in 'columns' for 1 connected");
  auto other = plain;
  other.patch[0] = 7;
  fails({}, other, "other patches");
}

}  // namespace
}  // namespace mito::contact_sheet
