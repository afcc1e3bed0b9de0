#include <cmath>
#include <cstring>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "engine/slide/slide.h"
#include "tests/support/raw_tiff.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

using test::RawTiff;
using test::TempFolder;
using Pixels = std::vector<std::uint8_t>;

const SlideOptions kQuarter{.assume_mpp = 0.25};

Pixels read(const Slide& slide, const Rect& area) {
  return slide.read(slide.analysis_grid(), area);
}
Pixels scanned(const Slide& slide, const Rect& area) {
  return slide.scanned(slide.analysis_grid(), area);
}

/// Samples of `bits`, little-endian.
std::string samples(const std::vector<unsigned>& values, unsigned bits) {
  std::string out;
  for (const unsigned value : values) {
    out += static_cast<char>(value);
    if (bits == 16) out += static_cast<char>(value);  // 257 times as much
  }
  return out;
}

std::string jpeg(const cv::Mat& picture, int quality = 85) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", picture, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  return {bytes.begin(), bytes.end()};
}

void make_jpeg(RawTiff::Page& page) {
  page.tags[259] = {RawTiff::kShort, {7}};
  page.tags[262] = {RawTiff::kShort, {6}};
  page.tags[530] = {RawTiff::kShort, {2, 2}};
}

TEST(Scanned, IsEveryPixelOfAPlainSlideAndNoneOffIt) {
  const TempFolder folder;
  cv::imwrite((folder / "a.png").string(), cv::Mat(40, 50, CV_8UC3, cv::Scalar(200, 100, 150)));
  const auto slide = Slide::open(folder / "a.png", kQuarter);

  EXPECT_THAT(scanned(slide, {0, 0, 50, 40}), ::testing::Each(1));
  EXPECT_EQ(scanned(slide, {48, 38, 4, 1}), (Pixels{1, 1, 0, 0}));
  EXPECT_EQ(scanned(slide, {48, 40, 2, 1}), (Pixels{0, 0}));
}

TEST(Scanned, NeedsHalfOfACoarsePixel) {
  const TempFolder folder;
  cv::Mat picture(64, 128, CV_8UC4, cv::Scalar(90, 90, 90, 255));
  picture(cv::Rect(0, 0, 20, 64)) = cv::Scalar(0, 0, 0, 0);   // 20 of the first 32 columns
  picture(cv::Rect(64, 0, 12, 64)) = cv::Scalar(0, 0, 0, 0);  // 12 of the third
  cv::imwrite((folder / "a.png").string(), picture);
  const auto slide = Slide::open(folder / "a.png", kQuarter);

  EXPECT_EQ(slide.scanned(slide.grid(8), {0, 0, 5, 1}), (Pixels{0, 1, 1, 1, 0}));
}

class TransparentPng : public ::testing::TestWithParam<int> {};

TEST_P(TransparentPng, IsWhiteAndNotScannedWhereTransparent) {
  const TempFolder folder;
  const int most = GetParam() == CV_16UC4 ? 65535 : 255;
  cv::Mat picture(8, 8, GetParam(), cv::Scalar(0, 0, 0, 0));
  picture(cv::Rect(4, 0, 4, 8)) = cv::Scalar(most, most / 5, 0, most);  // blue, green, red
  picture(cv::Rect(4, 4, 4, 4)) = cv::Scalar(0, 0, 0, most / 5);
  cv::imwrite((folder / "a.png").string(), picture);
  const auto slide = Slide::open(folder / "a.png", kQuarter);

  EXPECT_EQ(read(slide, {3, 0, 2, 1}), (Pixels{255, 255, 255, 0, 51, 255}));
  EXPECT_EQ(read(slide, {4, 4, 1, 1}), (Pixels{204, 204, 204}));
  EXPECT_EQ(scanned(slide, {3, 0, 2, 1}), (Pixels{0, 1}));
  EXPECT_EQ(scanned(slide, {3, 4, 2, 1}), (Pixels{0, 1}));
}

INSTANTIATE_TEST_SUITE_P(Depths, TransparentPng, ::testing::Values(CV_8UC4, CV_16UC4));

// Channels, bits, tiles or strips, what tag 338 says of the alpha.
using Layout = std::tuple<unsigned, unsigned, bool, unsigned>;
class TransparentTiff : public ::testing::TestWithParam<Layout> {};

TEST_P(TransparentTiff, IsWhiteAndNotScannedWhereTransparent) {
  const auto [channels, bits, tiled, kind] = GetParam();
  const TempFolder folder;
  auto page = RawTiff::page(64, 32, channels, bits, tiled, 32);
  page.tags[338] = {RawTiff::kShort, {kind}};
  std::vector<unsigned> left;   // transparent, black below
  std::vector<unsigned> right;  // opaque, light
  for (unsigned c = 0; c + 1 < channels; ++c) {
    left.push_back(0);
    right.push_back(200);
  }
  left.push_back(0);
  right.push_back(255);
  const auto repeated = [&](const std::string& pixel, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += pixel;
    return out;
  };
  const std::string dark = samples(left, bits);
  const std::string light = samples(right, bits);
  if (tiled) {
    page.chunks = {repeated(dark, 32 * 32), repeated(light, 32 * 32)};
  } else {
    page.chunks = {repeated(repeated(dark, 32) + repeated(light, 32), 32)};
  }
  RawTiff::write(folder / "a.tif", {page});

  const auto slide = Slide::open(folder / "a.tif", {});

  EXPECT_EQ(read(slide, {31, 5, 2, 1}), (Pixels{255, 255, 255, 200, 200, 200}));
  EXPECT_EQ(scanned(slide, {31, 5, 2, 1}), (Pixels{0, 1}));
}

INSTANTIATE_TEST_SUITE_P(Layouts,
                         TransparentTiff,
                         ::testing::Combine(::testing::Values(2U, 4U),
                                            ::testing::Values(8U, 16U),
                                            ::testing::Bool(),
                                            ::testing::Values(1U, 2U)));

class MissingChunks : public ::testing::TestWithParam<bool> {};

TEST_P(MissingChunks, AreBackground) {
  const TempFolder folder;
  const bool tiled = GetParam();
  auto page = RawTiff::page(64, 128, 3, 8, tiled, 64);
  page.chunks = {std::string(64 * 64 * 3, '\x64'), ""};
  RawTiff::write(folder / "a.tif", {page});

  const auto slide = Slide::open(folder / "a.tif", {});

  EXPECT_EQ(read(slide, {0, 63, 1, 2}), (Pixels{100, 100, 100, 255, 255, 255}));
  EXPECT_EQ(scanned(slide, {0, 63, 1, 2}), (Pixels{1, 0}));
}

INSTANTIATE_TEST_SUITE_P(TilesAndStrips, MissingChunks, ::testing::Bool());

TEST(Scanned, MissingJpegTilesAreBackgroundAtEveryLevel) {
  const TempFolder folder;
  const cv::Mat tissue(64, 64, CV_8UC3, cv::Scalar(120, 80, 160));
  auto base = RawTiff::page(256, 128, 3, 8, true, 64);
  make_jpeg(base);
  base.chunks.assign(8, "");
  for (const std::size_t i : {0U, 1U, 4U, 5U}) base.chunks[i] = jpeg(tissue);
  auto half = RawTiff::page(128, 64, 3, 8, true, 64);
  make_jpeg(half);
  half.tags[254] = {RawTiff::kLong, {1}};
  half.chunks = {jpeg(tissue), ""};
  RawTiff::write(folder / "a.tif", {base, half});

  const auto slide = Slide::open(folder / "a.tif", {});

  ASSERT_EQ(slide.info().levels, 2);
  EXPECT_EQ(scanned(slide, {127, 0, 2, 1}), (Pixels{1, 0}));
  EXPECT_EQ(slide.scanned(slide.grid(0.5), {63, 40, 2, 1}), (Pixels{1, 0}));
  const auto coarse = slide.read(slide.grid(0.5), {63, 40, 2, 1});
  EXPECT_NEAR(coarse[0], 160, 3);
  EXPECT_EQ(coarse[3], 255);
}

// ---------------------------------------------------------------- opaque black

/// Tissue with `shape` set where nothing was scanned.
cv::Mat with_black(const cv::Mat& shape) {
  cv::Mat out(shape.size(), CV_8UC3);
  for (int y = 0; y < out.rows; ++y)
    for (int x = 0; x < out.cols; ++x) {
      const int wave = static_cast<int>(20 * std::sin(x / 7.0) * std::cos(y / 5.0));
      out.at<cv::Vec3b>(y, x) = shape.at<std::uint8_t>(y, x) != 0
                                    ? cv::Vec3b(0, 0, 0)
                                    : cv::Vec3b(static_cast<std::uint8_t>(190 + wave),
                                                static_cast<std::uint8_t>(140 + wave),
                                                static_cast<std::uint8_t>(210 + wave));
    }
  return out;
}

Slide slide_of(const TempFolder& folder, const cv::Mat& picture, int quality) {
  cv::imwrite((folder / "a.jpg").string(), picture, {cv::IMWRITE_JPEG_QUALITY, quality});
  return Slide::open(folder / "a.jpg", kQuarter);
}

cv::Mat shape_named(const std::string& name) {
  cv::Mat shape = cv::Mat::zeros(900, 1200, CV_8UC1);
  for (int y = 0; y < shape.rows; ++y)
    for (int x = 0; x < shape.cols; ++x) {
      const double u = (x - 600) / 560.0;
      const double v = (y - 450) / 420.0;
      const bool black = name == "Frame"     ? x < 130 || y < 100
                         : name == "Ellipse" ? u * u + v * v > 1
                         : name == "Wedge"   ? y > 700 + x / 8
                                             : x > 200 && x < 900 && y > 200 && y < 650;
      shape.at<std::uint8_t>(y, x) = black ? 1 : 0;
    }
  return shape;
}

class BlackArea : public ::testing::TestWithParam<std::tuple<std::string, int>> {};

TEST_P(BlackArea, IsWhiteToItsRimAndNothingElseIs) {
  const auto [name, quality] = GetParam();
  const TempFolder folder;
  const cv::Mat shape = shape_named(name);

  const auto slide = slide_of(folder, with_black(shape), quality);

  const Rect whole{0, 0, 1200, 900};
  const auto rgb = read(slide, whole);
  const auto marks = scanned(slide, whole);
  int dark = 0;
  int lost = 0;
  for (int y = 0; y < 900; ++y)
    for (int x = 0; x < 1200; ++x) {
      const auto i = static_cast<std::size_t>(y * 1200 + x);
      dark += rgb[3 * i] < 60 && rgb[3 * i + 1] < 60 && rgb[3 * i + 2] < 60 ? 1 : 0;
      // 4 px (1 um) beside black may be lost.
      const cv::Rect near = cv::Rect(x - 4, y - 4, 9, 9) & cv::Rect(0, 0, 1200, 900);
      if (marks[i] == 0 && cv::countNonZero(shape(near)) == 0) ++lost;
    }
  EXPECT_LE(dark, 30);  // of 1e6 px: corners where black is narrower than 2 um
  EXPECT_EQ(lost, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes,
    BlackArea,
    ::testing::Combine(::testing::Values("Frame", "Ellipse", "Wedge", "Inside"),
                       ::testing::Values(60, 85, 100)),
    [](const auto& test) {
      return std::get<0>(test.param) + std::to_string(std::get<1>(test.param));
    });

TEST(BlackAreaSplit, PixelsDoNotDependOnTheAreaAskedFor) {
  const TempFolder folder;
  const auto slide = slide_of(folder, with_black(shape_named("Ellipse")), 85);
  for (const double mpp : {0.25, 0.5, 2.0}) {
    const Grid grid = slide.grid(mpp);
    const auto whole = slide.read(grid, grid.bounds());
    const auto marks = slide.scanned(grid, grid.bounds());

    for (std::int64_t y = 0; y < grid.height; y += 101)
      for (std::int64_t x = 0; x < grid.width; x += 97) {
        const Rect part{x, y, std::min<std::int64_t>(97, grid.width - x),
                        std::min<std::int64_t>(101, grid.height - y)};
        const auto here = slide.read(grid, part);
        const auto marks_here = slide.scanned(grid, part);
        for (std::int64_t v = 0; v < part.height; ++v) {
          const auto at = static_cast<std::size_t>((y + v) * grid.width + x);
          const auto from = static_cast<std::size_t>(v * part.width);
          const auto n = static_cast<std::size_t>(part.width);
          ASSERT_EQ(std::memcmp(&here[3 * from], &whole[3 * at], 3 * n), 0) << x << ", " << y;
          ASSERT_EQ(std::memcmp(&marks_here[from], &marks[at], n), 0) << x << ", " << y;
        }
      }
  }
}

TEST(BlackArea, DarkNucleiBesideItKeepTheirPixels) {
  const TempFolder folder;
  cv::Mat picture = with_black(shape_named("Frame"));
  const cv::Rect nucleus(140, 400, 30, 30);  // 2.5 um from the black
  picture(nucleus) = cv::Scalar(90, 30, 50);

  const auto slide = slide_of(folder, picture, 100);

  EXPECT_THAT(scanned(slide, {nucleus.x, nucleus.y, 30, 30}), ::testing::Each(1));
  EXPECT_NEAR(read(slide, {155, 415, 1, 1})[2], 90, 4);
}

TEST(BlackArea, SmallBlackSpotsOfTissueStay) {
  const TempFolder folder;
  cv::Mat picture = with_black(cv::Mat::zeros(900, 1200, CV_8UC1));
  picture(cv::Rect(300, 300, 120, 120)) = cv::Scalar(3, 3, 3);  // 30 um: pigment

  const auto slide = slide_of(folder, picture, 90);

  EXPECT_THAT(scanned(slide, {0, 0, 1200, 900}), ::testing::Each(1));
}

TEST(BlackArea, ATileFilledWithBlackWasNotScanned) {
  const TempFolder folder;
  cv::Mat picture = with_black(cv::Mat::zeros(900, 1200, CV_8UC1));
  const cv::Rect tile(512, 256, 256, 256);
  picture(tile) = cv::Scalar(0, 0, 0);

  const auto slide = slide_of(folder, picture, 90);

  EXPECT_THAT(scanned(slide, {tile.x, tile.y, 256, 256}), ::testing::Each(0));
  EXPECT_THAT(scanned(slide, {0, 0, 500, 900}), ::testing::Each(1));
}

TEST(BlackArea, DarkTextureIsTissue) {
  const TempFolder folder;
  cv::Mat picture = with_black(cv::Mat::zeros(900, 1200, CV_8UC1));
  for (int y = 0; y < 900; ++y)
    for (int x = 0; x < 700; ++x)  // pigment to the border, 5 to 60
      picture.at<cv::Vec3b>(y, x) =
          cv::Vec3b::all(static_cast<std::uint8_t>(5 + (x * 7 + y * 13) % 56));

  const auto slide = slide_of(folder, picture, 95);

  EXPECT_THAT(scanned(slide, {0, 0, 1200, 900}), ::testing::Each(1));
}

}  // namespace
}  // namespace mito
