#include <cmath>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/slide/content.h"
#include "engine/slide/ome.h"
#include "engine/slide/pixel_source.h"
#include "engine/slide/slide.h"
#include "engine/tiff/jpeg_tiles.h"
#include "tests/support/problem.h"
#include "tests/support/pyramid_tiff.h"
#include "tests/support/raw_tiff.h"
#include "tests/support/temp_folder.h"

namespace mito::slide {
namespace {

using test::problem;
using test::RawTiff;
using test::TempFolder;
using test::TiffImage;
using test::TiffLayout;
using test::write_tiff;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Compression = TiffLayout::Compression;
using Pixels = std::vector<std::uint8_t>;

/// Waves of colour, other ones for another `seed`.
tiff::Picture waves(std::int64_t width, std::int64_t height, int seed) {
  tiff::Picture out{width, height, {}, {}};
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) {
        const double phase = 0.11 * static_cast<double>(x) * (1 + c) +
                             0.07 * static_cast<double>(y) * (3 - c) + seed;
        out.rgb.push_back(static_cast<std::uint8_t>(150 + 90 * std::sin(phase)));
      }
  return out;
}

tiff::Picture plain(std::int64_t width, std::int64_t height, std::uint8_t value) {
  return {width, height, Pixels(static_cast<std::size_t>(width * height * 3), value), {}};
}

struct OmeImage {
  std::int64_t width;
  std::int64_t height;
  std::string more = R"(SizeC="3" SizeZ="1" SizeT="1" )";
  int nm = 250;
};

std::string ome_xml(const std::vector<OmeImage>& images) {
  std::string text = R"(<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/x">)";
  for (const auto& image : images)
    text += fmt::format(
        R"(<Image><Pixels SizeX="{}" SizeY="{}" {}PhysicalSizeX="{}" PhysicalSizeXUnit="nm" )"
        R"(PhysicalSizeY="{}" PhysicalSizeYUnit="nm"/></Image>)",
        image.width, image.height, image.more, image.nm, image.nm);
  return text + "</OME>";
}

Pixels read(const PixelSource& source, int level, const Rect& area) {
  Pixels rgb(static_cast<std::size_t>(area.width * area.height * 3));
  source.read(level, area, rgb.data(), nullptr);
  return rgb;
}

/// A picture as a plain TIFF of the same layout, read as a whole.
std::unique_ptr<PixelSource> as_plain_tiff(const std::filesystem::path& file,
                                           const tiff::Picture& picture,
                                           const TiffLayout& layout) {
  write_tiff(file, {{picture}}, layout);
  return open_as_image(file);
}

class TiffPyramidLayout : public ::testing::TestWithParam<TiffLayout> {};

TEST_P(TiffPyramidLayout, HasThePixelsOfPlainTiffsAtAllLevels) {
  const TempFolder folder;
  const TiffImage image{waves(301, 202, 0), "", {waves(150, 101, 1), waves(75, 50, 2)}};
  write_tiff(folder / "a.tif", {image}, GetParam());
  std::vector<tiff::Picture> pictures = image.below;
  pictures.insert(pictures.begin(), image.picture);

  const auto pyramid = open_tiff_pyramid(folder / "a.tif");

  ASSERT_NE(pyramid, nullptr);
  ASSERT_EQ(pyramid->levels().size(), pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto& level = pyramid->levels()[i];
    EXPECT_EQ(level.ratio_x, 1 << i);
    EXPECT_EQ(level.ratio_y, 1 << i);
    const auto single = as_plain_tiff(folder / "plain.tif", pictures[i], GetParam());
    for (const Rect& area : {Rect{0, 0, level.width, level.height}, Rect{60, 31, 9, 18},
                             Rect{level.width - 5, 0, 5, 5}})
      EXPECT_EQ(read(*pyramid, static_cast<int>(i), area), read(*single, 0, area)) << i;
    if (GetParam().compression != Compression::Jpeg) {
      EXPECT_EQ(read(*pyramid, static_cast<int>(i), {0, 0, level.width, level.height}),
                pictures[i].rgb);
    }
  }
}

std::string name_of(const ::testing::TestParamInfo<TiffLayout>& test) {
  static constexpr const char* kNames[] = {"None", "Lzw", "Deflate", "Jpeg"};
  const TiffLayout& layout = test.param;
  return fmt::format("{}{}{}{}", kNames[static_cast<int>(layout.compression)],
                     layout.planar ? "Planar" : "", layout.big ? "Big" : "",
                     layout.tiled ? "" : "Strips");
}

INSTANTIATE_TEST_SUITE_P(
    Kinds,
    TiffPyramidLayout,
    ::testing::Values(TiffLayout{},
                      TiffLayout{.planar = true},
                      TiffLayout{.big = true},
                      TiffLayout{.tiled = false, .tile = 16},
                      TiffLayout{.compression = Compression::Lzw},
                      TiffLayout{.compression = Compression::Lzw, .planar = true, .big = true},
                      TiffLayout{.compression = Compression::Deflate},
                      TiffLayout{.compression = Compression::Jpeg},
                      TiffLayout{.compression = Compression::Jpeg, .big = true},
                      TiffLayout{.compression = Compression::Jpeg, .planar = true}),
    name_of);

TEST(TiffPyramid, IsReadFromTheNearestFinerLevel) {
  const TempFolder folder;
  const TiffImage image{plain(256, 128, 50), ome_xml({{256, 128}}), {plain(128, 64, 150)}};
  write_tiff(folder / "a.ome.tif", {image}, {});

  const auto slide = Slide::open(folder / "a.ome.tif", {});

  EXPECT_EQ(slide.info().vendor, "tiff-pyramid");
  EXPECT_EQ(slide.info().levels, 2);
  EXPECT_EQ(slide.info().mpp_source, "OME-XML");
  EXPECT_EQ(slide.info().mpp_x, 0.25);
  EXPECT_EQ(slide.read(slide.grid(0.25), {10, 10, 1, 1}), Pixels(3, 50));
  EXPECT_EQ(slide.read(slide.grid(0.5), {10, 10, 1, 1}), Pixels(3, 150));
  EXPECT_EQ(slide.read(slide.grid(2), {3, 3, 1, 1}), Pixels(3, 150));
}

TEST(TiffPyramid, IsTheLargestOfTheImagesOfAnOmeTiff) {
  const TempFolder folder;
  const auto xml = ome_xml({{100, 80, "", 8000}, {256, 128}, {64, 64, "", 4000}});
  const TiffImage overview{plain(100, 80, 10), xml};
  const TiffImage label{plain(64, 64, 20)};
  const TiffImage scan{plain(256, 128, 50), "", {plain(128, 64, 150)}};
  write_tiff(folder / "first.tif", {overview, scan, label}, {});
  write_tiff(folder / "last.tif", {overview, label, {plain(256, 128, 50)}}, {});

  for (const auto* name : {"first.tif", "last.tif"}) {
    const auto slide = Slide::open(folder / name, {});
    EXPECT_EQ(slide.info().width, 256) << name;
    EXPECT_EQ(slide.info().mpp_x, 0.25) << name;
    EXPECT_EQ(slide.read(slide.analysis_grid(), {10, 10, 1, 1}), Pixels(3, 50)) << name;
  }
  EXPECT_EQ(Slide::open(folder / "first.tif", {}).info().levels, 2);
}

TEST(TiffPyramid, HasNoLevelOfAnotherShapeOrKind) {
  const TempFolder folder;
  auto page = RawTiff::page(128, 128, 3, 8, true, 128);
  page.chunks = {std::string(128 * 128 * 3, '\x64')};
  auto grey = RawTiff::page(64, 64, 1, 8, true, 64);
  grey.chunks = {std::string(64 * 64, '\x64')};
  auto wide = RawTiff::page(64, 32, 3, 8, true, 64);
  wide.chunks = {std::string(64 * 64 * 3, '\x64')};
  auto good = RawTiff::page(32, 32, 3, 8, true, 32);
  good.chunks = {std::string(32 * 32 * 3, '\x64')};
  page.below = {grey, wide, good, page};
  RawTiff::write(folder / "a.tif", {page});

  const auto pyramid = open_tiff_pyramid(folder / "a.tif");

  ASSERT_EQ(pyramid->levels().size(), 2U);
  EXPECT_EQ(pyramid->levels()[1].ratio_x, 4);
}

TEST(TiffPyramid, MissingTilesOfALevelWereNotScanned) {
  const TempFolder folder;
  auto page = RawTiff::page(128, 64, 3, 8, true, 64);
  page.chunks = {std::string(64 * 64 * 3, '\x64'), std::string(64 * 64 * 3, '\x64')};
  auto smaller = RawTiff::page(64, 32, 3, 8, true, 32);
  smaller.chunks = {std::string(32 * 32 * 3, '\x64'), ""};
  page.below = {smaller};
  RawTiff::write(folder / "a.tif", {page});

  const auto slide = Slide::open(folder / "a.tif", {});

  const auto grid = slide.grid(0.5);
  EXPECT_EQ(slide.read(grid, {31, 5, 2, 1}), (Pixels{100, 100, 100, 255, 255, 255}));
  EXPECT_EQ(slide.scanned(grid, {31, 5, 2, 1}), (Pixels{1, 0}));
}

TEST(TiffPyramid, IsKnownByItsBytesAndByBeingReadByItsLevels) {
  const TempFolder folder;
  write_tiff(folder / "a.tif", {{plain(128, 128, 50), "", {plain(64, 64, 50)}}}, {});
  write_tiff(folder / "b.tif", {{plain(128, 128, 50)}}, {});

  EXPECT_EQ(identity(folder / "a.tif", "0f", Beyond::White), "0f|sub-images");
  EXPECT_EQ(identity(folder / "a.tif", "0f", Beyond::Mirrored), "0f|sub-images|mirrored");
  EXPECT_EQ(identity(folder / "b.tif", "0f", Beyond::White), "0f");
}

std::string opening(const std::filesystem::path& file) {
  return problem([&] { Slide::open(file, {.assume_mpp = 0.25}); });
}

TEST(TiffPyramid, ChannelsAndPlanesOfTheirOwnAreRefused) {
  const TempFolder folder;
  auto page = RawTiff::page(64, 64, 1, 8, true, 64);
  page.chunks = {std::string(64 * 64, '\x64')};
  page.description = ome_xml({{64, 64, R"(SizeC="3" )"}});
  RawTiff::write(folder / "channels.tif", {page, page, page});
  write_tiff(folder / "depths.tif",
             {{plain(64, 64, 50), ome_xml({{64, 64, R"(SizeC="3" SizeZ="5" )"}})}}, {});

  EXPECT_THAT(
      opening(folder / "channels.tif"),
      HasSubstr("channels.tif: its OME-XML says that it has 3 channels, but a pixel has 1"));
  EXPECT_THAT(opening(folder / "depths.tif"),
              HasSubstr("it has 5 focal planes and 1 points in time"));
}

TEST(TiffPyramid, WhatCannotBeReadIsRefusedByItsName) {
  const TempFolder folder;
  const auto with_level = [](RawTiff::Page page, RawTiff::Page below) {
    below.chunks = {std::string(64 * 64 * 3, '\x64')};
    page.chunks = {std::string(128 * 128 * 3 * 2, '\x64')};
    page.below = {below};
    return page;
  };
  auto wavelets =
      with_level(RawTiff::page(128, 128, 3, 8, true, 128), RawTiff::page(64, 64, 3, 8, true, 64));
  wavelets.tags[259] = {RawTiff::kShort, {34712}};
  RawTiff::write(folder / "wavelets.tif", {wavelets});
  const auto in_one_strip = [](std::uint32_t side) {
    auto page = RawTiff::page(side, side, 3, 8, false, side);
    page.tags[259] = {RawTiff::kShort, {8}};  // deflate; libtiff divides strips that are not packed
    return page;
  };
  RawTiff::write(folder / "strips.tif", {with_level(in_one_strip(9000), in_one_strip(4500))});
  auto overview = RawTiff::page(64, 64, 3, 8, true, 64);
  overview.chunks = {std::string(64 * 64 * 3, '\x64')};
  overview.description = ome_xml({{64, 64}, {128, 128}});
  auto deep = RawTiff::page(128, 128, 3, 16, true, 128);
  deep.chunks = {std::string(128 * 128 * 3 * 2, '\x64')};
  RawTiff::write(folder / "deep.tif", {overview, deep});

  EXPECT_THAT(opening(folder / "wavelets.tif"), HasSubstr("34712"));
  EXPECT_THAT(opening(folder / "strips.tif"),
              HasSubstr("its strips are 9000 x 9000 px, expected at most 67 Mpx"));
  EXPECT_THAT(opening(folder / "deep.tif"), HasSubstr("page 2, its largest image, have 16 bits"));
}

TEST(TiffPyramid, ADamagedTileIsNamedWithLevelAndRegion) {
  const TempFolder folder;
  write_tiff(folder / "a.tif", {{waves(256, 128, 0), "", {waves(128, 64, 1)}}},
             {.compression = Compression::Jpeg});
  const auto images = pyramid_images(folder / "a.tif");
  // The sub-image lies behind its base: its tiles are cut off with the end of the file.
  const auto tiles = tiff::tiled_image_at(folder / "a.tif", images[1].offset);
  ASSERT_TRUE(tiles && tiles->jpeg);
  const auto pyramid = open_tiff_pyramid(folder / "a.tif");
  read(*pyramid, 1, {0, 0, 5, 5});
  std::filesystem::resize_file(folder / "a.tif", images[1].offset - 100);

  EXPECT_THAT(
      problem([&] {
        read(*pyramid, 1, {100, 40, 20, 20});
      }),
      AllOf(HasSubstr("a.tif: tile (1, 0)"), HasSubstr("(level 1, region 20x20 at (100, 40))")));
}

TEST(TiffPyramid, SubImagesThatLeadInCirclesAreNoLevels) {
  const TempFolder folder;
  auto page = RawTiff::page(64, 64, 3, 8, true, 64);
  page.chunks = {std::string(64 * 64 * 3, '\x64')};
  page.tags[330] = {RawTiff::kLong, {8 + 64 * 64 * 3}};  // about where the page itself lies
  RawTiff::write(folder / "a.tif", {page});
  for (std::uint32_t shift = 0; shift < 64; shift += 2) {
    page.tags[330] = {RawTiff::kLong, {8 + 64 * 64 * 3 + shift}};
    RawTiff::write(folder / "a.tif", {page});
    EXPECT_TRUE(pyramid_images(folder / "a.tif").empty()) << shift;
  }
}

TEST(TiffPyramid, OfLibvipsIsReadAsLibvipsDoes) {
  if (std::system("vips --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "vips is not installed";
  const TempFolder folder;
  write_tiff(folder / "a.tif", {{waves(500, 300, 0)}}, {});
  const auto at = [&](const char* name) { return (folder / name).string(); };
  for (const char* compression : {"jpeg", "deflate"}) {
    ASSERT_EQ(std::system(fmt::format("vips tiffsave {} {} --subifd --pyramid --tile --tile-width "
                                      "64 --tile-height 64 --bigtiff --compression {}",
                                      at("a.tif"), at("b.tif"), compression)
                              .c_str()),
              0);
    const auto pyramid = open_tiff_pyramid(folder / "b.tif");
    ASSERT_NE(pyramid, nullptr);
    ASSERT_GE(pyramid->levels().size(), 3U);
    for (int level = 0; level < 3; ++level) {
      const auto which = level == 0 ? "" : fmt::format("[subifd={}]", level - 1);
      ASSERT_EQ(
          std::system(
              fmt::format("vips copy '{}{}' {}", at("b.tif"), which, at("level.png")).c_str()),
          0);
      const auto expected = open_as_image(folder / "level.png");
      const auto& size = pyramid->levels()[static_cast<std::size_t>(level)];
      ASSERT_EQ(expected->levels().front().width, size.width);
      EXPECT_EQ(read(*pyramid, level, {0, 0, size.width, size.height}),
                read(*expected, 0, {0, 0, size.width, size.height}))
          << compression << ", level " << level;
    }
  }
}

TEST(OmePlanes, AreThoseOfTheImageOfThatSize) {
  const auto xml =
      ome_xml({{64, 32, R"(SizeC="1" )"}, {9, 9, R"(SizeC="4" SizeZ="2" SizeT="3" )"}});

  const auto found = ome_planes(xml, 9, 9);

  ASSERT_TRUE(found);
  EXPECT_EQ(found->channels, 4);
  EXPECT_EQ(found->depths, 2);
  EXPECT_EQ(found->times, 3);
  EXPECT_FALSE(ome_planes(xml, 8, 8));
  EXPECT_FALSE(ome_planes("Aperio", 9, 9));
}

}  // namespace
}  // namespace mito::slide
