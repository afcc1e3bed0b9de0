#include "nodes/slides/tissue_mask/tissue_mask.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "engine/core/error.h"
#include "engine/image/components.h"
#include "engine/image/otsu.h"
#include "engine/slide/pixel_source.h"
#include "nodes/slides/tissue_mask/contrast.h"
#include "nodes/slides/tissue_mask/glass.h"
#include "tests/support/temp_folder.h"

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

  EXPECT_THAT(text(cleaned), ::testing::Each("#######"));
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

  const auto mask = by_saturation(slide.rgb, slide.grid, {});

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

  const auto mask = by_saturation(slide.rgb, slide.grid, {});

  EXPECT_EQ(mask.regions, 1);
  EXPECT_FALSE(mask.at(30, 40));
  EXPECT_TRUE(mask.at(90, 40));
}

TEST(TissueMask, IsEmptyOnBlankGlassAndPaleNoise) {
  Thumbnail blank;
  Thumbnail pale;
  pale.fill({10, 10, 60, 60}, {243, 236, 240});  // saturation 7, below the floor

  EXPECT_EQ(by_saturation(blank.rgb, blank.grid, {}).regions, 0);
  EXPECT_EQ(by_saturation(pale.rgb, pale.grid, {}).regions, 0);
  EXPECT_EQ(by_saturation(pale.rgb, pale.grid, {.s_floor = 3}).regions, 1);
}

TEST(TissueMask, RefusesAThumbnailOfTheWrongSize) {
  Thumbnail slide;
  slide.rgb.pop_back();

  EXPECT_THROW(by_saturation(slide.rgb, slide.grid, {}), DataError);
}

TEST(TissueMask, LaysAMaskFileOverTheSlideByNearestPixel) {
  const Grid grid{10, 10, 8, 7,
                  4};  // covers a slide of 64 x 32 level-0 pixels; the last column ends off it

  const auto mask = from_file(drawn({"#..#", ".##."}), 64, 32, grid);

  // Centres at 5, 15, ..., 65 of pixels 16 wide, and 5, 15, 25, 35 of pixels 16 high.
  EXPECT_THAT(text({7, 4, mask.tissue}),
              ::testing::ElementsAre("##...#.", "##...#.", "..###..", "......."));
  EXPECT_TRUE(std::isnan(mask.threshold));
  EXPECT_EQ(mask.regions, 1);  // joined at corners
  EXPECT_NEAR(mask.area_mm2, 9 * 64e-6, 1e-12);
}

TEST(TissueMask, RefusesAMaskFileOfAnotherShapeThanTheSlide) {
  const auto problem = [](std::int64_t width, std::int64_t height, double scale_y = 4) {
    const Grid grid{4, scale_y, 4, 384, 320};
    const image::Gray file{width, height,
                           std::vector<std::uint8_t>(static_cast<std::size_t>(width * height))};
    try {
      from_file(file, 1536, 1280, grid);
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };

  EXPECT_EQ(problem(100, 160),
            "the mask file has 100 x 160 px, another shape than the slide's 1536 x 1280 px: "
            "expected a mask of the whole slide");
  EXPECT_NE(problem(160, 192), "no error");  // turned
  EXPECT_NE(problem(1536, 1230), "no error");
  for (const auto& [width, height] : {std::pair(192, 160),
                                      {1536, 1280},
                                      {6, 5},
                                      {1, 1},
                                      {385, 320},
                                      {110, 91},
                                      {110, 92},
                                      {3072, 2560}})
    EXPECT_EQ(problem(width, height), "no error") << width << " x " << height;
  EXPECT_EQ(problem(384, 640, 2), "no error");  // square pixels of a slide that has none
}

TEST(TissueMask, SaysWhatIsWrongWithAMaskFile) {
  const auto folder = std::filesystem::path(::testing::TempDir());
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

  EXPECT_THAT(message(folder / "absent.png"),
              ::testing::HasSubstr("absent.png: no such mask file"));
  EXPECT_THAT(message(not_an_image), ::testing::HasSubstr("mask_of_text.png: not an image"));
}

TEST(TissueMask, AMaskFileThatIsCutShortOrDamagedIsNotComplete) {
  const test::TempFolder folder;
  cv::Mat mask(400, 600, CV_8U, cv::Scalar(0));
  cv::randu(mask, 0, 256);  // so that no encoder makes it small
  for (const std::string name : {"m.png", "m.jpg", "m.tif"}) {
    const auto file = folder / name;
    cv::imwrite(file.string(), mask);
    EXPECT_NO_THROW(slide::check_complete(file)) << name;
    std::filesystem::resize_file(file, std::filesystem::file_size(file) * 3 / 4);
    EXPECT_THROW(slide::check_complete(file), DataError) << name;
  }
  cv::imwrite((folder / "hole.png").string(), mask);
  {
    std::fstream hole(folder / "hole.png", std::ios::binary | std::ios::in | std::ios::out);
    hole.seekp(20000);
    hole << std::string(500, '\0');
  }
  EXPECT_THROW(slide::check_complete(folder / "hole.png"), DataError);
  cv::imwrite((folder / "float.tif").string(), cv::Mat(4, 4, CV_32F, cv::Scalar(1)));
  EXPECT_NO_THROW(slide::check_complete(folder / "float.tif"));
}

TEST(TissueMask, ReadsAMaskFile) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "mask.pgm";
  std::ofstream(file, std::ios::binary) << "P5\n3 2\n255\n" << std::string("\0\1\xFF\0\0\x80", 6);

  const auto mask = image::read_mask(file);

  EXPECT_THAT(text(mask), ::testing::ElementsAre(".##", "..#"));
}

/// A slide as `auto` sees it, 8 um/px: glass first, then what is painted on it.
using Rgb = std::array<std::uint8_t, 3>;

struct Seen {
  View view{{32, 32, 8, 120, 90}, {}, {}, {}, {}, {}, true};

  explicit Seen(Rgb glass = {243, 243, 243}, float spread = 0.3F) {
    const std::size_t count = 120 * 90;
    view.rgb.resize(3 * count);
    view.bright.resize(3 * count);
    view.spread.resize(count);
    view.even.resize(count);
    view.known.resize(count, 1);
    fill({0, 0, 120, 90}, glass, spread);
  }
  std::size_t at(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>(y * view.grid.width + x);
  }
  /// Of noise the brightest six of sixteen pixels spread about half as much as all.
  void fill(const Rect& area, Rgb colour, float spread) {
    for (std::int64_t y = area.y; y < area.y + area.height; ++y)
      for (std::int64_t x = area.x; x < area.x + area.width; ++x) {
        std::ranges::copy(colour, &view.rgb[3 * at(x, y)]);
        std::ranges::copy(colour, &view.bright[3 * at(x, y)]);
        view.spread[at(x, y)] = spread;
        view.even[at(x, y)] = spread / 2;
      }
  }
  TissueMask mask(const Params& params = {}) const { return by_glass(view, params); }
  /// Share of `area` that is `kind`.
  static double share(const TissueMask& mask, const Rect& area, Ground kind) {
    double count = 0;
    for (std::int64_t y = area.y; y < area.y + area.height; ++y)
      for (std::int64_t x = area.x; x < area.x + area.width; ++x)
        count += mask.ground[static_cast<std::size_t>(y * mask.grid.width + x)] ==
                 static_cast<std::uint8_t>(kind);
    return count / static_cast<double>(area.width * area.height);
  }
};

constexpr Rgb kDense{150, 70, 130};
constexpr Rgb kPale{228, 205, 222};
constexpr float kTissueTexture = 12;
constexpr Rect kWhole{0, 0, 120, 90};

TEST(GlassMask, KeepsPaleTissueBesideDenseTissue) {
  Seen slide;
  slide.fill({20, 20, 40, 50}, kDense, kTissueTexture);
  slide.fill({60, 20, 40, 50}, kPale, 5);

  const auto mask = slide.mask();

  EXPECT_EQ(mask.regions, 1);
  EXPECT_NEAR(mask.area_mm2, 80 * 50 * 64e-6, 0.002);
  EXPECT_EQ(mask.doubt, "");
}

TEST(GlassMask, DarkeningHalfOfTheTissueDoesNotChangeTheOtherHalf) {
  Seen before;
  before.fill({20, 20, 80, 50}, kPale, 5);
  Seen after = before;
  after.fill({20, 20, 40, 50}, kDense, kTissueTexture);

  const auto one = before.mask();
  const auto two = after.mask();

  EXPECT_EQ(one.ground, two.ground);
}

TEST(GlassMask, AFieldWithoutGlassIsAllTissue) {
  Seen field(kPale, 6);
  field.fill({0, 0, 60, 90}, kDense, kTissueTexture);

  const auto mask = field.mask();

  EXPECT_EQ(Seen::share(mask, kWhole, Ground::Tissue), 1);
  EXPECT_TRUE(std::isnan(mask.threshold));
}

TEST(GlassMask, AFieldSmallerThanTheLeastRegionIsTissueToo) {
  View small{{32, 32, 8, 4, 4},
             std::vector<std::uint8_t>(48, 150),
             std::vector<std::uint8_t>(48, 170),
             std::vector<float>(16, 12),
             std::vector<float>(16, 6),
             std::vector<std::uint8_t>(16, 1)};

  EXPECT_EQ(by_glass(small, {}).area_of(Ground::Tissue), 16 * 64e-6);
}

TEST(GlassMask, AFieldOfPaleTissueIsNotTakenForGlassByTheFewEvenPixelsInIt) {
  Seen field({222, 206, 216}, 4);
  for (std::int64_t x = 0; x < 120; x += 12) field.fill({x, 10, 1, 30}, {222, 206, 216}, 1);

  EXPECT_EQ(Seen::share(field.mask(), kWhole, Ground::Tissue), 1);
}

TEST(GlassMask, GlassAloneIsEmptyWhateverItsTint) {
  EXPECT_EQ(Seen().mask().regions, 0);
  EXPECT_EQ(Seen({226, 219, 224}).mask().regions, 0);
  EXPECT_EQ(Seen({255, 255, 255}, 0).mask().regions, 0);
  EXPECT_EQ(Seen({240, 238, 244}, 1.2F).mask().regions, 0);
}

TEST(GlassMask, TintedGlassIsGlassBesideTissue) {
  Seen slide({226, 219, 224});
  slide.fill({20, 20, 40, 50}, {190, 150, 180}, kTissueTexture);

  const auto mask = slide.mask();

  EXPECT_NEAR(mask.area_mm2, 40 * 50 * 64e-6, 0.002);
}

TEST(GlassMask, ShadowsOnGlassAreGlass) {
  Seen slide;
  slide.fill({10, 10, 40, 40}, {220, 221, 220}, 0.5F);

  EXPECT_EQ(slide.mask().regions, 0);
}

class GlassMaskPen : public ::testing::TestWithParam<Rgb> {};

TEST_P(GlassMaskPen, IsNeitherTissueNorDoesItChangeWhatIsTissue) {
  Seen slide;
  slide.fill({10, 20, 50, 50}, kPale, 5);
  Seen marked = slide;
  marked.fill({80, 5, 12, 80}, GetParam(), 1);

  const auto mask = marked.mask();

  EXPECT_GT(Seen::share(mask, {80, 5, 12, 80}, Ground::Pen), 0.97);
  EXPECT_EQ(Seen::share(mask, {80, 5, 12, 80}, Ground::Tissue), 0);
  EXPECT_EQ(mask.tissue, slide.mask().tissue);
  EXPECT_THAT(mask.excluded(), ::testing::StartsWith("pen 0.0"));
}

INSTANTIATE_TEST_SUITE_P(OfAnyColour,
                         GlassMaskPen,
                         ::testing::Values(Rgb{20, 160, 60},
                                           Rgb{30, 60, 200},
                                           Rgb{60, 120, 220},
                                           Rgb{0, 170, 200},
                                           Rgb{200, 30, 40},
                                           Rgb{20, 20, 20},
                                           Rgb{90, 80, 90},
                                           Rgb{240, 140, 30},
                                           Rgb{110, 40, 160},
                                           Rgb{200, 30, 140}));

TEST(GlassMask, AStrokeOverTissueLeavesTheTissueBesideIt) {
  Seen slide;
  slide.fill({10, 10, 100, 70}, kDense, kTissueTexture);
  slide.fill({50, 0, 10, 90}, {20, 160, 60}, 1);

  const auto mask = slide.mask();

  EXPECT_EQ(Seen::share(mask, {50, 0, 10, 90}, Ground::Tissue), 0);
  EXPECT_GT(Seen::share(mask, {12, 12, 36, 66}, Ground::Tissue), 0.99);
  EXPECT_GT(Seen::share(mask, {62, 12, 46, 66}, Ground::Tissue), 0.99);
}

TEST(GlassMask, RedBloodCellsAndBrownStainAreNotPen) {
  Seen slide;
  slide.fill({10, 10, 40, 40}, {225, 120, 110}, kTissueTexture);
  slide.fill({60, 10, 40, 40}, {150, 100, 70}, kTissueTexture);

  EXPECT_EQ(slide.mask().area_of(Ground::Pen), 0);
}

TEST(GlassMask, BlackAndPaintedAreasAreUnscannedOfWhateverShape) {
  Seen slide;
  slide.fill({30, 30, 40, 40}, kDense, kTissueTexture);
  slide.fill({0, 0, 120, 8}, {0, 0, 0}, 0);
  slide.fill({0, 8, 6, 40}, {3, 2, 4}, 0);
  slide.fill({100, 60, 20, 30}, {128, 128, 128}, 0);

  const auto mask = slide.mask();

  EXPECT_EQ(Seen::share(mask, {0, 0, 120, 8}, Ground::Unscanned), 1);
  EXPECT_EQ(Seen::share(mask, {0, 8, 6, 40}, Ground::Unscanned), 1);
  EXPECT_EQ(Seen::share(mask, {100, 60, 20, 30}, Ground::Unscanned), 1);
  EXPECT_NEAR(mask.area_mm2, 40 * 40 * 64e-6, 0.002);
}

TEST(GlassMask, WhitePaintBesideGreyGlassIsNotTheWhiteOfTheSlide) {
  Seen slide({222, 222, 222}, 1);
  slide.fill({30, 30, 40, 40}, kDense, kTissueTexture);
  slide.fill({0, 0, 120, 25}, {255, 255, 255}, 0);

  const auto mask = slide.mask();

  EXPECT_NEAR(mask.area_mm2, 40 * 40 * 64e-6, 0.002);
  EXPECT_EQ(Seen::share(mask, {80, 30, 40, 60}, Ground::Glass), 1);
}

TEST(GlassMask, PaleAreasThatArePaintedAtTheBorderAreUnscanned) {
  for (const Rgb paint : {Rgb{200, 200, 200}, Rgb{240, 215, 228}}) {
    Seen slide({243, 243, 243}, 1);
    slide.fill({30, 30, 40, 40}, kDense, kTissueTexture);
    slide.fill({100, 0, 20, 90}, paint, 0);

    const auto mask = slide.mask();

    EXPECT_EQ(Seen::share(mask, {100, 0, 20, 90}, Ground::Unscanned), 1);
    EXPECT_NEAR(mask.area_mm2, 40 * 40 * 64e-6, 0.002);
  }
}

TEST(GlassMask, WhatWasNotScannedIsNoTissueEvenWithoutGlass) {
  Seen field(kDense, kTissueTexture);
  for (std::int64_t y = 0; y < 90; ++y)
    for (std::int64_t x = 100; x < 120; ++x) field.view.known[field.at(x, y)] = 0;

  const auto mask = field.mask();

  EXPECT_EQ(Seen::share(mask, {0, 0, 100, 90}, Ground::Tissue), 1);
  EXPECT_EQ(Seen::share(mask, {100, 0, 20, 90}, Ground::Unscanned), 1);
}

TEST(GlassMask, TheGreyEdgeOfACoverSlipIsDebris) {
  Seen slide;
  slide.fill({10, 10, 60, 60}, kDense, kTissueTexture);
  slide.fill({100, 0, 3, 90}, {150, 150, 152}, 8);

  const auto mask = slide.mask();

  EXPECT_EQ(Seen::share(mask, {100, 0, 3, 90}, Ground::Tissue), 0);
  EXPECT_GT(mask.area_of(Ground::Debris), 0.01);
  EXPECT_NEAR(mask.area_mm2, 60 * 60 * 64e-6, 0.003);
}

TEST(GlassMask, HolesOfAFieldAreFilledAlsoWhereItsBorderCutsThem) {
  Seen field(kDense, kTissueTexture);
  field.fill({0, 30, 12, 20}, {243, 243, 243}, 0.3F);   // 187 um, at the border
  field.fill({60, 30, 12, 20}, {243, 243, 243}, 0.3F);  // the same inside
  Seen cut = field;
  cut.fill({90, 0, 30, 20}, {243, 243, 243}, 0.3F);  // 288 um, at the border: 5.6 % of the field
  Seen half = field;
  half.fill({60, 0, 60, 90}, {243, 243, 243}, 0.3F);

  EXPECT_EQ(Seen::share(field.mask(), kWhole, Ground::Tissue), 1);
  EXPECT_EQ(Seen::share(cut.mask(), {0, 0, 85, 90}, Ground::Tissue), 1);
  EXPECT_GT(Seen::share(cut.mask(), {92, 0, 28, 18}, Ground::Glass), 0.97);
  EXPECT_GT(Seen::share(half.mask(), {0, 32, 10, 16}, Ground::Glass), 0.8);
}

TEST(GlassMask, SaysThatItIsDoubtfulWhenMuchLiesAtTheLimit) {
  Seen slide;
  slide.fill({20, 20, 60, 60}, {231, 231, 231}, 4.5F);  // density 0.05

  const auto mask = slide.mask();

  EXPECT_THAT(mask.doubt, ::testing::HasSubstr("within a tenth of the limit"));
}

TEST(GlassMask, SaysThatItIsDoubtfulWhenItsEdgeRunsThroughEvenTexture) {
  Seen slide;
  for (std::int64_t y = 0; y < 90; ++y) {  // pale without an edge: a slope of 0.004 a pixel
    const auto light = static_cast<std::uint8_t>(243 * std::exp(-0.004 * static_cast<double>(y)));
    slide.fill({0, y, 120, 1}, {243, light, 243}, 0.5F);
  }

  EXPECT_THAT(slide.mask().doubt, ::testing::HasSubstr("even texture"));
}

TEST(SaturationMask, SaysThatItIsDoubtfulWhenItCutsThroughOneKindOfTissue) {
  Thumbnail field;  // no glass: saturations from 80 to 120 in one hill
  for (std::int64_t y = 0; y < 90; ++y)
    for (std::int64_t x = 0; x < 120; ++x) {
      const auto green = static_cast<std::uint8_t>(105 + (x * 7 + y * 13) % 32);
      field.fill({x, y, 1, 1}, {200, green, 170});
    }

  EXPECT_THAT(by_saturation(field.rgb, field.grid, {}).doubt, ::testing::HasSubstr("saturation"));
}

TEST(ContrastMask, KeepsWhatHasStructureAndDropsThinFarRegions) {
  Thumbnail slide;
  const auto textured = [&](const Rect& area) {
    for (std::int64_t y = area.y; y < area.y + area.height; ++y)
      for (std::int64_t x = area.x; x < area.x + area.width; ++x)
        if ((x + y) % 2 == 0) slide.fill({x, y, 1, 1}, kPink);
  };
  textured({10, 10, 40, 60});
  textured({100, 20, 14, 14});
  Grid coarse = slide.grid;
  coarse.mpp = 100;  // 5 mm are 50 px, so the small region is far

  const auto mask = by_contrast(slide.rgb, coarse, {.min_region_um = 0, .max_hole_um = 0});

  EXPECT_TRUE(mask.at(30, 40));
  EXPECT_FALSE(mask.at(107, 27));
  EXPECT_FALSE(mask.at(75, 40));
  coarse.mpp = 10;
  EXPECT_TRUE(by_contrast(slide.rgb, coarse, {.min_region_um = 0}).at(107, 27));
}

TEST(ContrastMask, IsEmptyWithoutStructure) {
  EXPECT_EQ(by_contrast(Thumbnail().rgb, Thumbnail().grid, {}).regions, 0);
}

TEST(TissueMask, KeepsWhatItKnowsInTheStore) {
  Seen slide;
  slide.fill({20, 20, 60, 60}, kDense, kTissueTexture);
  slide.fill({100, 0, 10, 90}, {20, 160, 60}, 1);
  auto mask = slide.mask();
  mask.doubt = "for a reason";

  const auto back = Codec<TissueMask>::decode(Codec<TissueMask>::encode(mask));

  EXPECT_EQ(back.ground, mask.ground);
  EXPECT_EQ(back.doubt, mask.doubt);
  EXPECT_EQ(back.excluded(), mask.excluded());
}

}  // namespace
}  // namespace mito::tissue_mask
