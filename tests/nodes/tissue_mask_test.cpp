#include "nodes/tissue_mask/tissue_mask.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/image/components.h"
#include "engine/image/otsu.h"

namespace mito::tissue_mask {
namespace {

image::Gray drawn(const std::vector<std::string>& rows) {
  image::Gray mask{
      static_cast<std::int64_t>(rows[0].size()), static_cast<std::int64_t>(rows.size()), {}};
  for (const auto& row : rows) {
    for (const char pixel : row) mask.pixels.push_back(pixel == '#' ? 1 : 0);
  }
  return mask;
}

std::vector<std::string> text(const image::Gray& mask) {
  std::vector<std::string> rows;
  for (std::int64_t y = 0; y < mask.height; ++y) {
    rows.emplace_back();
    for (std::int64_t x = 0; x < mask.width; ++x)
      rows.back() += mask.pixels[static_cast<std::size_t>(y * mask.width + x)] != 0 ? '#' : '.';
  }
  return rows;
}

/// A thumbnail at 8 um/px on nearly white glass.
struct Thumbnail {
  Grid grid{32, 32, 8, 120, 90};
  std::vector<std::uint8_t> rgb = std::vector<std::uint8_t>(3 * 120 * 90, 243);

  void fill(const Rect& area, std::array<std::uint8_t, 3> colour) {
    for (std::int64_t y = area.y; y < area.y + area.height; ++y) {
      for (std::int64_t x = area.x; x < area.x + area.width; ++x)
        std::copy(colour.begin(), colour.end(),
                  &rgb[static_cast<std::size_t>(3 * (y * grid.width + x))]);
    }
  }
};

constexpr std::array<std::uint8_t, 3> kPink{200, 120, 170};

TEST(Components, AreNumberedInRasterOrderOfTheirFirstPixel) {
  const auto found = image::label_components(drawn({"..#.#",  //
                                                    "#...#",  //
                                                    "##.##"})
                                                 .pixels,
                                             5, 3, 8);

  ASSERT_EQ(found.items.size(), 3U);
  EXPECT_EQ(found.items[1].bounds, (Rect{3, 0, 2, 3}));
  EXPECT_EQ(found.items[1].area, 4);
  EXPECT_EQ(found.items[2].bounds, (Rect{0, 1, 2, 2}));
  EXPECT_EQ(found.labels[2], 1);
}

TEST(Components, TouchDiagonallyOnlyWithEightNeighbours) {
  const auto mask = drawn({"#.#", ".#.", "#.#"});

  EXPECT_EQ(image::label_components(mask.pixels, 3, 3, 8).items.size(), 1U);
  EXPECT_EQ(image::label_components(mask.pixels, 3, 3, 4).items.size(), 5U);
  EXPECT_THROW(image::label_components(mask.pixels, 3, 3, 6), std::invalid_argument);
  EXPECT_THROW(image::label_components(mask.pixels, 4, 3, 8), std::invalid_argument);
}

TEST(Otsu, SplitsTwoPeaksAtTheFirstOfEqualThresholds) {
  std::vector<std::int64_t> histogram(256);
  histogram[10] = 50;
  histogram[200] = 20;

  EXPECT_EQ(image::otsu_threshold(histogram), 10);
}

TEST(Otsu, PutsNothingAboveASinglePeak) {
  std::vector<std::int64_t> histogram(256);
  EXPECT_EQ(image::otsu_threshold(histogram), 0);

  histogram[77] = 5;

  EXPECT_EQ(image::otsu_threshold(histogram), 77);
}

TEST(TissueMask, DropsRegionsBeforeItFillsHoles) {
  // The speck inside the hole goes first, and then the hole is small enough to be filled whole.
  const auto cleaned = clean_regions(drawn({"#######",  //
                                            "#.....#",  //
                                            "#..#..#",  //
                                            "#.....#",  //
                                            "#######"}),
                                     1.5, 6);

  EXPECT_THAT(text(cleaned), testing::Each("#######"));
}

TEST(TissueMask, LeavesHolesOpenThatAreLargeOrTouchTheBorder) {
  const std::vector<std::string> rows{"#####..",  //
                                      "#...#..",  //
                                      "#...###",  //
                                      "####..."};

  EXPECT_EQ(text(clean_regions(drawn(rows), 0, 3.6)), rows);  // 3 x 2 px: diagonal 3.606
  EXPECT_EQ(text(clean_regions(drawn(rows), 0, 3.7))[1], "#####..");
}

TEST(TissueMask, FindsColouredTissueOnGlass) {
  Thumbnail slide;
  slide.fill({30, 20, 40, 40}, kPink);
  slide.fill({100, 80, 6, 6}, kPink);             // 48 um: too small
  slide.fill({45, 35, 10, 10}, {243, 243, 243});  // 80 um: filled

  const auto mask = from_thumbnail(slide.rgb, slide.grid, {});

  EXPECT_EQ(mask.regions, 1);
  EXPECT_TRUE(mask.at(50, 40));
  EXPECT_TRUE(mask.at(31, 40));
  EXPECT_FALSE(mask.at(28, 40));
  EXPECT_FALSE(mask.at(102, 82));
  EXPECT_NEAR(mask.area_mm2, 40 * 40 * 64e-6, 0.002);  // corners are rounded by the opening
  EXPECT_GE(mask.threshold, 15);
}

TEST(TissueMask, LeavesOutUnscannedBlack) {
  Thumbnail slide;
  slide.fill({0, 0, 60, 90}, {5, 0, 0});  // saturation 255, but not scanned
  slide.fill({70, 20, 40, 40}, kPink);

  const auto mask = from_thumbnail(slide.rgb, slide.grid, {});

  EXPECT_EQ(mask.regions, 1);
  EXPECT_FALSE(mask.at(30, 40));
  EXPECT_TRUE(mask.at(90, 40));
}

TEST(TissueMask, IsEmptyOnBlankGlassAndPaleNoise) {
  Thumbnail blank;
  Thumbnail pale;
  pale.fill({10, 10, 60, 60}, {243, 236, 240});  // saturation 7, below the floor

  EXPECT_EQ(from_thumbnail(blank.rgb, blank.grid, {}).regions, 0);
  EXPECT_EQ(from_thumbnail(pale.rgb, pale.grid, {}).regions, 0);
  EXPECT_EQ(from_thumbnail(pale.rgb, pale.grid, {.s_floor = 3}).regions, 1);
}

TEST(TissueMask, RefusesAThumbnailOfTheWrongSize) {
  Thumbnail slide;
  slide.rgb.pop_back();

  EXPECT_THROW(from_thumbnail(slide.rgb, slide.grid, {}), DataError);
}

TEST(TissueMask, LaysAMaskFileOverTheSlideByNearestPixel) {
  const Grid grid{10, 10, 8, 7,
                  4};  // covers a slide of 64 x 32 level-0 pixels; the last column ends off it

  const auto mask = from_file(drawn({"#..#", ".##."}), 64, 32, grid);

  // Centres at 5, 15, ..., 65 of pixels 16 wide, and 5, 15, 25, 35 of pixels 16 high.
  EXPECT_THAT(text({7, 4, mask.tissue}),
              testing::ElementsAre("##...#.", "##...#.", "..###..", "......."));
  EXPECT_TRUE(std::isnan(mask.threshold));
  EXPECT_EQ(mask.regions, 1);  // joined at corners
  EXPECT_NEAR(mask.area_mm2, 9 * 64e-6, 1e-12);
}

TEST(TissueMask, SaysWhatIsWrongWithAMaskFile) {
  const auto folder = std::filesystem::path(testing::TempDir());
  const auto not_an_image = folder / "mask_of_text.png";
  std::ofstream(not_an_image) << "hello";
  const auto message = [](const std::filesystem::path& file) -> std::string {
    try {
      image::read_mask(file);
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  };

  EXPECT_THAT(message(folder / "absent.png"), testing::HasSubstr("absent.png: no such mask file"));
  EXPECT_THAT(message(not_an_image), testing::HasSubstr("mask_of_text.png: not an image"));
}

TEST(TissueMask, ReadsAMaskFile) {
  const auto file = std::filesystem::path(testing::TempDir()) / "mask.pgm";
  std::ofstream(file, std::ios::binary) << "P5\n3 2\n255\n" << std::string("\0\1\xFF\0\0\x80", 6);

  const auto mask = image::read_mask(file);

  EXPECT_THAT(text(mask), testing::ElementsAre(".##", "..#"));
}

}  // namespace
}  // namespace mito::tissue_mask
