// Standardising whole slides: fitting, reading in other colours, templates, previews.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "engine/slide/recolouring.h"
#include "engine/slide/slide.h"
#include "nodes/slides/export_stain_preview/export_stain_preview.h"
#include "nodes/slides/export_stain_template/export_stain_template.h"
#include "nodes/slides/stain/colour_map.h"
#include "nodes/slides/stain/lab.h"
#include "nodes/slides/stain_standardise/stain_standardise.h"
#include "nodes/slides/standardised_slide/standardised_slide.h"
#include "nodes/slides/tissue_mask/tissue_mask.h"
#include "tests/nodes/slides/stain/stain_support.h"
#include "tests/support/drawn_slide.h"

namespace mito {
namespace {

using test::data_error;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A drawn slide, its mask, and the same section as another scanner would show it.
class Slides : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<test::TempFolder>();
    auto params = test::small_slide();
    params.width_px = 2048;
    params.height_px = 1536;
    raw = std::make_unique<Slide>(Slide::open(test::draw_slide(folder->path(), params), {}));
    mask = tissue_mask::find(*raw, {});
  }
  static void TearDownTestSuite() {
    raw.reset();
    folder.reset();
  }
  static std::unique_ptr<test::TempFolder> folder;
  static std::unique_ptr<Slide> raw;
  static TissueMask mask;
};
std::unique_ptr<test::TempFolder> Slides::folder;
std::unique_ptr<Slide> Slides::raw;
TissueMask Slides::mask;

/// Paler and redder, channel by channel, like another scanner.
class OtherScanner final : public slide::Recolouring {
 public:
  void apply(std::span<std::uint8_t> rgb) const override {
    for (std::size_t i = 0; i < rgb.size(); ++i) {
      const std::array<double, 3> power{0.7, 0.85, 0.95};
      rgb[i] = static_cast<std::uint8_t>(std::lround(255 * std::pow(rgb[i] / 255.0, power[i % 3])));
    }
  }
  std::string identity() const override { return "other scanner"; }
};

/// Fits a slide of four small tiles.
stain_standardise::Params small(const std::string& method) {
  stain_standardise::Params params;
  params.method = method;
  params.tile_px = 1024;
  params.min_tiles = 1;
  params.min_training = 20000;
  params.max_training = 400000;
  params.samples.min_nuclei_per_mm2 = 200;
  return params;
}

LabStatistics tissue_colours(const Slide& slide, const TissueMask& mask) {
  const Grid& grid = slide.analysis_grid();
  const auto rgb = slide.read(grid, grid.bounds());
  std::vector<stain::Rgb8> pixels;
  for (std::int64_t y = 0; y < grid.height; ++y) {
    for (std::int64_t x = 0; x < grid.width; ++x) {
      const auto i = static_cast<std::size_t>(3 * (y * grid.width + x));
      if (mask.covers(grid, x, y)) pixels.push_back({rgb[i], rgb[i + 1], rgb[i + 2]});
    }
  }
  return stain::lab_statistics(pixels);
}

double distance(const LabStatistics& a, const LabStatistics& b) {
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) sum += std::pow(a.mean[i] - b.mean[i], 2);
  return std::sqrt(sum);
}

TEST_F(Slides, OfAnotherScannerGetTheColoursOfTheTemplate) {
  const Slide other = raw->recoloured(std::make_shared<const OtherScanner>());
  const auto wanted = tissue_colours(*raw, mask);
  const double before = distance(tissue_colours(other, mask), wanted);
  ASSERT_GT(before, 8);
  const auto tables = standardised_slide::make_tables({});
  for (const std::string method : {"wsics", "macenko", "vahadane", "reinhard"}) {
    const auto params = small(method);
    const auto original = stain_standardise::fit(*raw, mask, stain::default_template(), params);
    const auto target = export_stain_template::from_slides({original}, {});

    const auto fitted = stain_standardise::fit(other, mask, target, params);
    const Slide after = standardised_slide::standardised(other, fitted, tables);

    // Macenko's published form adds a grey level and loses what is no mixture of its two stains.
    const double share = method == "macenko" ? 0.4 : 0.25;
    EXPECT_LT(distance(tissue_colours(after, mask), wanted), share * before) << method;
    EXPECT_NE(after.info().identity, other.info().identity);
  }
}

TEST_F(Slides, AreNearlyLeftAloneWhenTheyAreTheTemplate) {
  const auto original = tissue_colours(*raw, mask);
  for (const std::string method : {"wsics", "macenko", "vahadane", "reinhard"}) {
    const auto params = small(method);
    const auto first = stain_standardise::fit(*raw, mask, stain::default_template(), params);
    const auto fitted =
        stain_standardise::fit(*raw, mask, export_stain_template::from_slides({first}, {}), params);

    const Slide after =
        standardised_slide::standardised(*raw, fitted, standardised_slide::make_tables({}));

    EXPECT_LT(distance(tissue_colours(after, mask), original), method == "macenko" ? 2.5 : 1.5)
        << method;
  }
}

TEST_F(Slides, FitTheSameWayEveryTimeAndByTheSeed) {
  const auto target = stain::default_template();
  auto params = small("wsics");
  const auto one = colour_digest(stain_standardise::fit(*raw, mask, target, params));
  const auto two = colour_digest(stain_standardise::fit(*raw, mask, target, params));
  params.seed = 2;
  const auto other = colour_digest(stain_standardise::fit(*raw, mask, target, params));

  EXPECT_EQ(one, two);
  EXPECT_NE(one, other);
}

TEST_F(Slides, SayWhyTheyCannotBeFittedAndWhatToChange) {
  auto params = small("wsics");
  params.min_tiles = 9;
  params.max_tiles = 9;
  params.min_training = 2000000;

  const auto message =
      data_error([&] { stain_standardise::fit(*raw, mask, stain::default_template(), params); });

  EXPECT_THAT(message, HasSubstr("drawn.svs: stain standardisation by wsics needs 9 usable tiles"));
  EXPECT_THAT(message, HasSubstr("1000000 are needed of each (half of min_training)"));
  EXPECT_THAT(message, HasSubstr("tile at ("));
  EXPECT_THAT(message, HasSubstr("smaller tiles (tile_px, now 1024)"));
}

TEST_F(Slides, WithoutTissueSaySo) {
  TissueMask empty = mask;
  std::fill(empty.tissue.begin(), empty.tissue.end(), std::uint8_t{0});

  EXPECT_THAT(data_error([&] {
                stain_standardise::fit(*raw, empty, stain::default_template(), small("macenko"));
              }),
              HasSubstr("got 0 of 0 looked at; no tile has 25 % tissue (min_tissue)"));
}

TEST_F(Slides, NeedATemplateForTheirMethod) {
  EXPECT_THAT(data_error([&] {
                stain_standardise::fit(*raw, mask, {"mine", {{"reinhard", LabStatistics{}}}, ""},
                                       small("wsics"));
              }),
              HasSubstr("'mine' has no statistics for method 'wsics'"));
}

TEST(StainStandardiseParams, AreCheckedTogether) {
  stain_standardise::Params params;
  EXPECT_THAT(stain_standardise::check(params), IsEmpty());
  params.class_shares = {0.5, 0.5};
  EXPECT_THAT(stain_standardise::check(params), HasSubstr("needs three numbers"));
  params.class_shares = {0.5, 0.5, 0.5};
  EXPECT_THAT(stain_standardise::check(params), HasSubstr("they sum to 1.5"));
  params = {};
  params.min_tiles = 30;
  EXPECT_THAT(stain_standardise::check(params), HasSubstr("must not exceed 'max_tiles'"));
}

TEST(StainTiles, DivideTheSlideEvenlyAndStayInside) {
  const Grid grid{1, 1, 0.25, 2084, 1485};
  const TissueMask everywhere{{32, 32, 8, 66, 47}, std::vector<std::uint8_t>(66 * 47, 1)};

  const auto tiles = stain_standardise::choose_tiles(grid, everywhere, {});

  ASSERT_EQ(tiles.size(), 2U);
  std::int64_t area = 0;
  for (const auto& tile : tiles) {
    EXPECT_EQ(tile.width, 1042);
    EXPECT_EQ(tile.height, 1485);
    area += tile.width * tile.height;
  }
  EXPECT_EQ(area, grid.width * grid.height);
}

TEST_F(Slides, RecolouredReadTheMapOfTheirPixelsAndWhiteOutside) {
  const auto other = std::make_shared<const OtherScanner>();
  const Slide recoloured = raw->recoloured(other);
  const Grid& grid = raw->analysis_grid();
  const Rect edge{grid.width - 40, grid.height - 30, 60, 50};

  auto expected = raw->read(grid, edge);
  const auto got = recoloured.read(grid, edge);

  for (std::int64_t y = 0; y < edge.height; ++y) {
    for (std::int64_t x = 0; x < edge.width; ++x) {
      const std::span<std::uint8_t> pixel(&expected[static_cast<std::size_t>(3 * (y * 60 + x))], 3);
      if (grid.bounds().contains(edge.x + x, edge.y + y)) {
        other->apply(pixel);
      } else {
        EXPECT_EQ(pixel[0], 255);
      }
    }
  }
  EXPECT_EQ(got, expected);
  EXPECT_EQ(recoloured.info().identity, raw->info().identity + "+other scanner");
  EXPECT_EQ(recoloured.recoloured(other).info().identity,
            raw->info().identity + "+other scanner+other scanner");
}

TEST_F(Slides, RecolouredDoNotDependOnTheAreaRead) {
  const Slide recoloured = raw->recoloured(std::make_shared<const OtherScanner>());
  const Grid grid = raw->grid(0.9);
  const auto whole = recoloured.read(grid, {100, 100, 64, 48});
  const auto part = recoloured.read(grid, {120, 110, 20, 10});

  for (std::size_t y = 0; y < 10; ++y) {
    for (std::size_t i = 0; i < 60; ++i)
      ASSERT_EQ(part[y * 60 + i], whole[((y + 10) * 64 + 20) * 3 + i]);
  }
}

TEST_F(Slides, ArePreviewedBeforeAndAfter) {
  const Slide other = raw->recoloured(std::make_shared<const OtherScanner>());
  Standardisation s;
  s.method = "reinhard";
  const export_stain_preview::Params params{.regions = 2, .region_um = 100};

  const std::string png = export_stain_preview::draw_png(*raw, other, mask, s, params);

  const cv::Mat picture =
      cv::imdecode(std::vector<std::uint8_t>(png.begin(), png.end()), cv::IMREAD_COLOR);
  ASSERT_EQ(picture.rows, 2 * (200 + 8) + 28);
  const auto mean = [&](int y) { return cv::mean(picture(cv::Rect(0, y, 200, 200))); };
  EXPECT_GT(mean(28 + 208)[2], mean(28)[2] + 5);  // the other scanner is redder
  const auto places = export_stain_preview::choose_places(raw->grid(0.5), mask, 200, 2, 1);
  ASSERT_EQ(places.size(), 2U);
  EXPECT_TRUE(places[0].x + 200 <= places[1].x || places[1].x + 200 <= places[0].x ||
              places[0].y + 200 <= places[1].y || places[1].y + 200 <= places[0].y);
}

TEST(ExportStainTemplate, RefusesSlidesOfDifferentMethods) {
  Standardisation one;
  one.method = "reinhard";
  one.source = LabStatistics{};
  Standardisation two;
  two.method = "macenko";
  EXPECT_THAT(data_error([&] {
                export_stain_template::from_slides({one, two}, {});
              }),
              HasSubstr("slides of one method, got 'reinhard' and 'macenko'"));
  EXPECT_EQ(export_stain_template::from_slides({one}, {}).source, "1 slide");
  EXPECT_EQ(export_stain_template::from_slides({one}, {.source = "a"}).source, "a");
}

}  // namespace
}  // namespace mito
