#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "engine/core/error.h"
#include "engine/slide/ome.h"
#include "engine/tiff/directory.h"
#include "nodes/outcome/export_probability/probability_image.h"
#include "tests/support/drawn_slide.h"

namespace mito::export_probability {
namespace {

using ::testing::HasSubstr;

// 1200 x 526 outputs: two levels.
const Grid kAnalysis{1, 1, 0.25, 4800, 2101};

ProbabilityTile tile_at(std::int64_t x, std::int64_t y, std::int64_t size) {
  ProbabilityTile tile{kAnalysis, {x, y, size, size}, {}, {}};
  for (std::int64_t i = 0; i < tile.rows(); ++i)
    for (std::int64_t j = 0; j < tile.columns(); ++j)
      tile.probability.push_back(static_cast<float>((x / 4 + j) % 100) / 200.0F +
                                 static_cast<float>((y / 4 + i) % 10) / 20.0F);
  return tile;
}

std::vector<cv::Mat> write(const std::filesystem::path& file,
                           const std::vector<ProbabilityTile>& tiles) {
  ProbabilityImage image(file, kAnalysis, 0.25, 0.25);
  for (const auto& tile : tiles) image.add(tile);
  image.finish();
  std::vector<cv::Mat> levels;
  cv::imreadmulti(file.string(), levels, cv::IMREAD_UNCHANGED);
  return levels;
}

TEST(ExportProbability, KeepsValuesToOnePartIn65535AndZeroElsewhere) {
  const test::TempFolder folder;
  const auto tile = tile_at(1024, 1024, 1024);

  const auto levels = write(folder / "p.tif", {tile});

  ASSERT_EQ(levels.size(), 2U);
  ASSERT_EQ(levels[0].type(), CV_16U);
  ASSERT_EQ(levels[0].size(), cv::Size(1200, 526));
  for (int y = 256; y < 512; ++y)
    for (int x = 256; x < 512; ++x)
      ASSERT_NEAR(levels[0].at<std::uint16_t>(y, x) / 65535.0,
                  tile.probability[static_cast<std::size_t>((y - 256) * 256 + x - 256)],
                  0.5 / 65535 + 1e-9);
  EXPECT_EQ(levels[0].at<std::uint16_t>(255, 256), 0);
  EXPECT_EQ(levels[0].at<std::uint16_t>(256, 512), 0);
}

TEST(ExportProbability, DoesNotDependOnTheSizeOfTiles) {
  const test::TempFolder folder;
  std::vector<ProbabilityTile> small;
  for (const std::int64_t y : {0, 512})
    for (const std::int64_t x : {1024, 1536}) small.push_back(tile_at(x, y, 512));

  const auto of_small = write(folder / "small.tif", small);
  const auto of_large = write(folder / "large.tif", {tile_at(1024, 0, 1024)});

  ASSERT_EQ(of_small.size(), of_large.size());
  for (std::size_t i = 0; i < of_small.size(); ++i)
    EXPECT_TRUE(std::equal(of_small[i].begin<std::uint16_t>(), of_small[i].end<std::uint16_t>(),
                           of_large[i].begin<std::uint16_t>()));
}

TEST(ExportProbability, CoarserLevelIsTheMean) {
  const test::TempFolder folder;

  const auto levels = write(folder / "p.tif", {tile_at(0, 0, 1024)});

  ASSERT_EQ(levels[1].size(), cv::Size(600, 263));
  const auto at = [&](int y, int x) { return int{levels[0].at<std::uint16_t>(y, x)}; };
  EXPECT_EQ(levels[1].at<std::uint16_t>(5, 7),
            (at(10, 14) + at(10, 15) + at(11, 14) + at(11, 15) + 2) / 4);
}

TEST(ExportProbability, StatesItsResolution) {
  const test::TempFolder folder;
  write(folder / "p.tif", {});

  const auto pages = tiff::directories(folder / "p.tif");

  ASSERT_EQ(pages.size(), 2U);
  ASSERT_TRUE(pages[0].resolution);
  EXPECT_NEAR(pages[0].resolution->mpp_x, 1.0, 1e-6);
  EXPECT_EQ(pages[0].width, 1200);
}

TEST(ExportProbability, SaysInOmeXmlWhatTheNumbersAre) {
  const test::TempFolder folder;
  ProbabilityImage image(folder / "p.tif", kAnalysis, 0.2501, 0.25);
  image.finish();

  const auto pages = tiff::directories(folder / "p.tif");

  const std::string& text = pages[0].description;
  const auto ome = slide::ome_resolution(text, 1200, 526);
  ASSERT_TRUE(ome && ome->resolution);
  EXPECT_EQ(ome->resolution->mpp_x, 1.0004);
  EXPECT_EQ(ome->resolution->mpp_y, 1.0);
  EXPECT_THAT(text, HasSubstr("SizeX=\"1200\" SizeY=\"526\""));
  EXPECT_THAT(text, HasSubstr("Type=\"uint16\""));
  EXPECT_THAT(text, HasSubstr("Name=\"probability of mitosis\" SamplesPerPixel=\"1\""));
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c > 0; })) << "the tag is ASCII";
  EXPECT_TRUE(text.ends_with("OME>")) << "or tifffile does not take it for OME-XML";
  EXPECT_EQ(pages[1].description, "");
}

TEST(ExportProbability, PointsGoToTheNearestOutput) {
  const test::TempFolder folder;
  ProbabilityTile tile{kAnalysis, {0, 0, 1024, 1024}, {}, {{401, 202, 0.5F}}};

  const auto levels = write(folder / "p.tif", {tile});

  EXPECT_EQ(levels[0].at<std::uint16_t>(51, 100), 32768);
}

TEST(ExportProbability, RefusesTilesOutOfOrder) {
  const test::TempFolder folder;
  ProbabilityImage image(folder / "p.tif", kAnalysis, 0.25, 0.25);
  image.add(tile_at(0, 1024, 1024));

  EXPECT_THROW(image.add(tile_at(0, 0, 1024)), DataError);
}

}  // namespace
}  // namespace mito::export_probability
