// The tissue mask on whole pictures: drawn slides made pale, marked with pen or framed in black,
// and the real fields of ../shared/data, skipped where they are not there (docs/tissue.md).
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "nodes/slides/tissue_mask/tissue_mask.h"
#include "tests/support/drawn_slide.h"

namespace mito {
namespace {

namespace fs = std::filesystem;
const fs::path kData = MITO_SOURCE_DIR "/../shared/data";

Slide field(const fs::path& file, double mpp) { return Slide::open(file, {.assume_mpp = mpp}); }

double share(const TissueMask& mask, Ground kind) {
  return mask.area_of(kind) / (static_cast<double>(mask.ground.size()) * 64e-6);
}

class DrawnTissue : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    auto params = test::small_slide();
    params.width_px = 2048;
    params.height_px = 1536;
    const auto file = test::draw_slide(folder_->path(), params);
    const Slide slide = Slide::open(file, {});
    const auto rgb = slide.read(slide.analysis_grid(), slide.analysis_grid().bounds());
    picture_ = cv::Mat(1536, 2048, CV_8UC3);
    std::copy(rgb.begin(), rgb.end(), picture_.data);
    plain_ = mask_of(picture_);
  }
  static void TearDownTestSuite() {
    delete folder_;
    picture_.release();
  }
  static TissueMask mask_of(const cv::Mat& rgb) {
    cv::Mat bgr = rgb.clone();
    for (auto pixel = bgr.begin<cv::Vec3b>(); pixel != bgr.end<cv::Vec3b>(); ++pixel)
      std::swap((*pixel)[0], (*pixel)[2]);
    const auto file = (folder_->path() / "picture.png").string();
    cv::imwrite(file, bgr);
    return tissue_mask::find(field(file, 0.25), {});
  }
  /// Share of the tissue of the plain slide that `mask` holds, of places where `where` says so.
  template <class Where>
  static double kept(const TissueMask& mask, Where&& where) {
    double both = 0;
    double all = 0;
    for (std::int64_t y = 0; y < mask.grid.height; ++y)
      for (std::int64_t x = 0; x < mask.grid.width; ++x) {
        if (!plain_.at(x, y) || !where(x, y)) continue;
        ++all;
        both += mask.at(x, y) ? 1 : 0;
      }
    return both / all;
  }
  static constexpr auto kEverywhere = [](std::int64_t, std::int64_t) { return true; };

  static inline test::TempFolder* folder_ = nullptr;
  static inline cv::Mat picture_;
  static inline TissueMask plain_;
};

TEST_F(DrawnTissue, IsTheSameWhenTheSlideFadesToHalf) {
  cv::Mat faded = picture_.clone();
  for (auto* p = faded.data; p != faded.dataend; ++p)
    *p = static_cast<std::uint8_t>(255 - (255 - *p) / 2);

  const auto mask = mask_of(faded);

  EXPECT_GT(kept(mask, kEverywhere), 0.98);
  EXPECT_LT(mask.area_mm2, 1.02 * plain_.area_mm2);
}

TEST_F(DrawnTissue, DoesNotContainPenOfAnyColour) {
  for (const cv::Vec3b& ink :
       {cv::Vec3b{20, 160, 60}, cv::Vec3b{30, 60, 200}, cv::Vec3b{200, 30, 40},
        cv::Vec3b{15, 15, 15}, cv::Vec3b{110, 40, 160}, cv::Vec3b{240, 140, 30}}) {
    cv::Mat marked = picture_.clone();
    for (int y = 100; y < 1400; ++y)
      for (int x = 900; x < 1100; ++x) marked.at<cv::Vec3b>(y, x + y / 10) = ink;
    const auto is_ink = [](std::int64_t x, std::int64_t y) {
      const auto left = (900 + y * 32 / 10) / 32;
      return y >= 4 && y < 43 && x > left && x < left + 6;
    };
    const auto is_far = [](std::int64_t x, std::int64_t y) {
      return std::abs(x - (1000 + y * 32 / 10) / 32) > 9;
    };

    const auto mask = mask_of(marked);

    EXPECT_LT(kept(mask, is_ink), 0.01) << ink;
    EXPECT_GT(kept(mask, is_far), 0.99) << ink;
    EXPECT_GT(mask.area_of(Ground::Pen), 0.01) << ink;
  }
}

TEST_F(DrawnTissue, DoesNotContainTheBlackAroundIt) {
  cv::Mat framed = picture_.clone();
  for (int y = 0; y < framed.rows; ++y)
    for (int x = 0; x < framed.cols; ++x)
      if (std::hypot(x - 1024, y - 768) > 700) framed.at<cv::Vec3b>(y, x) = {0, 0, 0};
  const auto inside = [](std::int64_t x, std::int64_t y) {
    return std::hypot(x - 32, y - 24) < 19;
  };
  const auto outside = [](std::int64_t x, std::int64_t y) {
    return std::hypot(x - 32, y - 24) > 23;
  };

  const auto mask = mask_of(framed);

  EXPECT_GT(kept(mask, inside), 0.99);
  EXPECT_LT(share(mask, Ground::Tissue), 0.5);
  EXPECT_GT(mask.area_of(Ground::Unscanned), 0.05);
  EXPECT_LT(kept(mask, outside), 0.01);
}

struct Point {
  double x = 0;
  double y = 0;
};

/// image -> its mitoses, of a table with the columns image, ..., x, y, ...
std::map<std::string, std::vector<Point>> points_of(const fs::path& file, int x_column) {
  std::map<std::string, std::vector<Point>> points;
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string image;
    std::string cell;
    std::getline(cells, image, ',');
    for (int skipped = 1; skipped < x_column; ++skipped) std::getline(cells, cell, ',');
    Point point;
    char comma = 0;
    cells >> point.x >> comma >> point.y;
    points[fs::path(image).stem().string()].push_back(point);
  }
  return points;
}

struct Totals {
  int frames = 0;
  int mitoses = 0;
  int inside = 0;
  double least = 1;
};

Totals look_at_frames(const fs::path& images, const fs::path& table, double mpp) {
  const auto points = points_of(table, 2);
  Totals totals;
  for (const auto& entry : fs::directory_iterator(images)) {
    const auto mask = tissue_mask::find(field(entry.path(), mpp), {});
    totals.least = std::min(totals.least, share(mask, Ground::Tissue));
    ++totals.frames;
    const auto found = points.find(entry.path().stem().string());
    if (found == points.end()) continue;
    for (const auto& point : found->second) {
      const auto at = [&](double v) { return static_cast<std::int64_t>((v + 0.5) * mpp / 8); };
      totals.inside += mask.at(at(point.x), at(point.y)) ? 1 : 0;
      ++totals.mitoses;
    }
  }
  std::cout << "  " << totals.frames << " frames, least share of tissue " << totals.least << ", "
            << totals.inside << " of " << totals.mitoses << " mitoses inside\n";
  return totals;
}

class CutField : public ::testing::TestWithParam<int> {};

TEST_P(CutField, IsTissueToItsBorderHoweverThatCutsTheLastPixelsOfTheMask) {
  const test::TempFolder folder;
  const int side = 1024 + GetParam();
  cv::Mat texture(side / 8 + 1, side / 8 + 1, CV_8UC3);  // of 2 um
  cv::theRNG().state = 5;
  cv::randn(texture, cv::Scalar(130, 70, 150), cv::Scalar(25, 25, 25));
  cv::Mat picture(side, side, CV_8UC3);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      picture.at<cv::Vec3b>(y, x) = texture.at<cv::Vec3b>(y / 8, x / 8);
  const auto file = folder / "field.png";
  ASSERT_TRUE(cv::imwrite(file.string(), picture));

  const auto mask = tissue_mask::find(field(file, 0.25), {});

  EXPECT_EQ(mask.grid.width, 33);
  EXPECT_EQ(share(mask, Ground::Tissue), 1);
}

// Of 32 level-0 pixels to a pixel of the mask.
INSTANTIATE_TEST_SUITE_P(ByPixels, CutField, ::testing::Values(1, 2, 10, 16, 31, 32));

TEST(RealTissue, FillsEveryFrameOfTheHamamatsuScanner) {
  const auto folder = kData / "mitos14-hamamatsu-frames";
  if (!fs::exists(folder)) GTEST_SKIP() << "no real frames at " << folder.string();

  const auto totals = look_at_frames(folder / "frames", folder / "mitoses.csv", 0.2274);

  EXPECT_EQ(totals.frames, 239);
  EXPECT_GE(totals.least, 0.995);
  EXPECT_EQ(totals.mitoses, 456);
  EXPECT_EQ(totals.inside, totals.mitoses);
}

TEST(RealTissue, FillsEveryFieldOfTheAperioScanner) {
  const auto folder = kData / "icpr12-aperio-a03-a04";
  if (!fs::exists(folder)) GTEST_SKIP() << "no real fields at " << folder.string();

  const auto totals = look_at_frames(folder / "images", folder / "mitoses.csv", 0.2456);

  EXPECT_GE(totals.least, 0.95);  // one has a crack of 5 %
  EXPECT_GT(totals.mitoses, 0);
  EXPECT_EQ(totals.inside, totals.mitoses);
}

TEST(RealTissue, CoversWhatWasMarkedAsTissueOnThumbnails) {
  const auto folder = kData / "tissue-thumbnails";
  if (!fs::exists(folder)) GTEST_SKIP() << "no thumbnails at " << folder.string();
  std::map<std::string, TissueMask> masks;
  std::ifstream in(folder / "regions.csv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string image;
    std::string kind;
    std::getline(cells, image, ',');
    std::getline(cells, kind, ',');
    std::array<std::int64_t, 4> box{};
    char comma = 0;
    for (auto& side : box) cells >> side >> comma;
    if (!masks.contains(image))
      masks[image] = tissue_mask::find(
          Slide::open(folder / image, {.assume_mpp = 8.0, .allow_upsampling = true}), {});
    double tissue = 0;
    for (auto y = box[1]; y < box[3]; ++y)
      for (auto x = box[0]; x < box[2]; ++x) tissue += masks[image].at(x, y) ? 1 : 0;
    tissue /= static_cast<double>((box[2] - box[0]) * (box[3] - box[1]));

    if (kind == "tissue") {
      EXPECT_GT(tissue, 0.7) << line;
    } else {
      EXPECT_LT(tissue, 0.03) << line;
    }
  }
  EXPECT_EQ(masks.size(), 8U);
}

}  // namespace
}  // namespace mito
