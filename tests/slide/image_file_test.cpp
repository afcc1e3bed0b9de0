#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/slide/slide.h"
#include "tests/support/raw_tiff.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

using test::RawTiff;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const SlideOptions kQuarter{.assume_mpp = 0.25};

/// What Slide::open says of a file, on one line.
std::string problem(const std::filesystem::path& file, const SlideOptions& options = kQuarter) {
  try {
    Slide::open(file, options);
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
    EXPECT_THAT(error.what(), HasSubstr(file.filename().string()));
    return error.what();
  }
  return "opened";
}

void change(const std::filesystem::path& file, const std::function<void(std::string&)>& how) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  how(bytes);
  write_file(file, bytes);
}

std::filesystem::path noisy_picture(const TempFolder& folder, const std::string& name) {
  cv::Mat picture(200, 300, CV_8UC3);
  cv::randu(picture, 60, 250);
  cv::imwrite((folder / name).string(), picture);
  return folder / name;
}

TEST(ImageFile, DamagedJpegIsRefusedInOneLineOfOurOwn) {
  const TempFolder folder;
  const auto file = noisy_picture(folder, "a.jpg");
  change(file, [](std::string& bytes) { bytes.replace(bytes.size() / 3, 4000, 4000, '\0'); });

  ::testing::internal::CaptureStderr();
  EXPECT_THAT(problem(file), HasSubstr("damaged"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(ImageFile, JpegThatWasCutShortIsRefused) {
  const TempFolder folder;
  const auto file = noisy_picture(folder, "a.jpg");
  change(file, [](std::string& bytes) { bytes.resize(bytes.size() / 2); });

  EXPECT_THAT(problem(file), HasSubstr("cut short"));
}

TEST(ImageFile, BytesBehindTheEndOfAJpegAreFine) {
  const TempFolder folder;
  const auto file = noisy_picture(folder, "a.jpg");
  change(file, [](std::string& bytes) { bytes += std::string(8192, '\0'); });

  EXPECT_EQ(problem(file), "opened");
}

TEST(ImageFile, GreyJpegIsRead) {
  const TempFolder folder;
  cv::imwrite((folder / "a.jpg").string(), cv::Mat(40, 40, CV_8UC1, cv::Scalar(100)));
  const auto slide = Slide::open(folder / "a.jpg", kQuarter);

  EXPECT_EQ(slide.read(slide.analysis_grid(), {3, 3, 1, 1}),
            (std::vector<std::uint8_t>{100, 100, 100}));
}

class DamagedPng : public ::testing::TestWithParam<bool> {};

TEST_P(DamagedPng, IsRefusedInOneLineOfOurOwn) {
  const TempFolder folder;
  const auto file = noisy_picture(folder, "a.png");
  change(file, [](std::string& bytes) {
    if (GetParam())
      bytes.resize(bytes.size() / 2);
    else
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ '\x55');
  });

  ::testing::internal::CaptureStderr();
  EXPECT_THAT(problem(file), HasSubstr("damaged or cut short"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

INSTANTIATE_TEST_SUITE_P(CutOrChanged, DamagedPng, ::testing::Bool());

TEST(ImageFile, TwelveBitsInSixteenAreRefusedWithTheBrightestValue) {
  const TempFolder folder;
  cv::Mat picture(64, 64, CV_16UC3, cv::Scalar(2000, 1500, 3888));
  cv::imwrite((folder / "a.png").string(), picture);
  cv::imwrite((folder / "b.png").string(), picture * 16);

  EXPECT_THAT(problem(folder / "a.png"), AllOf(HasSubstr("3888 of 65535"), HasSubstr("12 bits")));
  EXPECT_EQ(problem(folder / "b.png"), "opened");
}

class SixteenBits : public ::testing::TestWithParam<bool> {};

TEST_P(SixteenBits, OfATiffAreRefusedWhenTheyAreTwelve) {
  const TempFolder folder;
  auto page = RawTiff::page(64, 64, 3, 16, GetParam(), 64);
  std::string pixels;
  for (int i = 0; i < 64 * 64 * 3; ++i) pixels += std::string("\x30\x0f", 2);  // 3888
  page.chunks = {pixels};
  RawTiff::write(folder / "a.tif", {page});

  EXPECT_THAT(problem(folder / "a.tif"), HasSubstr("3888 of 65535"));
}

INSTANTIATE_TEST_SUITE_P(TilesAndStrips, SixteenBits, ::testing::Bool());

TEST(ImageFile, TwelveBitsInSixteenAreRefusedWhateverFillsUpATile) {
  const TempFolder folder;
  auto page = RawTiff::page(48, 48, 3, 16, true, 64);
  std::string pixels;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64 * 3; ++x)
      pixels += x < 48 * 3 && y < 48 ? std::string("\x30\x0f", 2) : std::string("\xff\xff", 2);
  page.chunks = {pixels};
  RawTiff::write(folder / "a.tif", {page});

  EXPECT_THAT(problem(folder / "a.tif"), HasSubstr("3888 of 65535"));
}

TEST(ImageFile, AStrayBrightPixelDoesNotMakeTwelveBitsSixteen) {
  const TempFolder folder;
  cv::Mat picture(128, 128, CV_16UC3, cv::Scalar(2000, 1500, 3888));
  picture.at<cv::Vec3w>(5, 5) = {65535, 65535, 65535};
  cv::imwrite((folder / "a.png").string(), picture);
  cv::imwrite((folder / "a.tif").string(), picture);

  EXPECT_THAT(problem(folder / "a.png"), HasSubstr("3888 of 65535"));
  EXPECT_THAT(problem(folder / "a.tif"), HasSubstr("3888 of 65535"));
}

TEST(ImageFile, ATileThatWouldFillTheMemoryIsRefusedBeforeItIsRead) {
  const TempFolder folder;
  for (const std::uint32_t side : {65520U, 64U}) {  // read by OpenSlide, and as a whole
    auto page = RawTiff::page(side, side, 3, 8, true, 65520);
    page.chunks = {std::string(100, '\0')};
    RawTiff::write(folder / "a.tif", {page});

    EXPECT_THAT(problem(folder / "a.tif"),
                HasSubstr("a.tif: its tiles are 65520 x 65520 px, expected at most 67 Mpx"));
  }
}

TEST(ImageFile, APictureThatIsFarTooLargeForItsFileIsRefused) {
  const TempFolder folder;
  for (const std::uint32_t rows : {30000U, 1U}) {
    auto page = RawTiff::page(30000, 30000, 3, 8, false, rows);
    page.chunks = {std::string(100, '\0')};
    RawTiff::write(folder / "a.tif", {page});

    EXPECT_THAT(
        problem(folder / "a.tif"),
        HasSubstr("it says that it holds 30000 x 30000 px, which no compression puts into"));
  }
  std::vector<std::uint8_t> jpeg;
  cv::imencode(".jpg", cv::Mat(64, 64, CV_8UC3, cv::Scalar(1, 2, 3)), jpeg);
  const std::vector<std::uint8_t> start{0xff, 0xc0};
  const auto frame = std::ranges::search(jpeg, start).begin();
  std::fill_n(frame + 5, 4, std::uint8_t{0xf0});
  std::ofstream(folder / "a.jpg", std::ios::binary)
      .write(reinterpret_cast<const char*>(jpeg.data()), std::ssize(jpeg));

  EXPECT_THAT(problem(folder / "a.jpg"), HasSubstr("61680 x 61680 px are too many"));
}

class TiffTag : public ::testing::TestWithParam<bool> {};

TEST_P(TiffTag, OrientationOtherThanOneIsRefused) {
  const TempFolder folder;
  auto page = RawTiff::page(64, 64, 3, 8, GetParam(), 64);
  page.chunks = {std::string(64 * 64 * 3, '\x64')};
  page.tags[274] = {RawTiff::kShort, {4}};
  RawTiff::write(folder / "a.tif", {page});

  EXPECT_THAT(problem(folder / "a.tif"),
              AllOf(HasSubstr("tag 274"), HasSubstr("orientation"), HasSubstr("is 4")));
}

TEST_P(TiffTag, SamplesThatAreFractionsAreRefusedByTheirKind) {
  const TempFolder folder;
  auto page = RawTiff::page(32, 32, 3, 32, GetParam(), 32);
  page.chunks = {std::string(32 * 32 * 3 * 4, '\0')};
  page.tags[339] = {RawTiff::kShort, {3, 3, 3}};
  RawTiff::write(folder / "a.tif", {page});

  ::testing::internal::CaptureStderr();
  EXPECT_THAT(problem(folder / "a.tif"), HasSubstr("floating-point numbers of 32 bits"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

INSTANTIATE_TEST_SUITE_P(TilesAndStrips, TiffTag, ::testing::Bool());

TEST(ImageFile, HugeStripsAreToBeConverted) {
  const TempFolder folder;
  auto page = RawTiff::page(32800, 32800, 3, 8, false, 328);
  page.chunks.assign(100, "");
  RawTiff::write(folder / "a.tif", {page});

  EXPECT_THAT(problem(folder / "a.tif"),
              AllOf(HasSubstr("32800 x 32800"), HasSubstr("--tile --pyramid")));
}

RawTiff::Page plain_page(std::uint32_t side, bool tiled) {
  auto page = RawTiff::page(side, side, 3, 8, tiled, side);
  page.chunks = {std::string(side * side * 3, '\x64')};
  return page;
}

class OverviewFirst : public ::testing::TestWithParam<bool> {};

TEST_P(OverviewFirst, IsRefusedWithThePageOfTheSlide) {
  const TempFolder folder;
  RawTiff::write(folder / "pages.tif", {plain_page(64, GetParam()), plain_page(256, GetParam())});
  auto first = plain_page(64, GetParam());
  first.below = {plain_page(256, GetParam())};
  RawTiff::write(folder / "below.tif", {first});

  EXPECT_THAT(problem(folder / "pages.tif"), AllOf(HasSubstr("overview"), HasSubstr("page 2")));
  EXPECT_THAT(problem(folder / "below.tif"), AllOf(HasSubstr("overview"), HasSubstr("sub-image")));
}

INSTANTIATE_TEST_SUITE_P(TilesAndStrips, OverviewFirst, ::testing::Bool());

class CutTiff : public ::testing::TestWithParam<bool> {};

TEST_P(CutTiff, IsRefusedWhereverItEnds) {
  const TempFolder folder;
  const auto file = folder / "a.tif";
  RawTiff::write(file, {plain_page(64, GetParam()), plain_page(32, GetParam())});
  ASSERT_EQ(problem(file), "opened");
  const auto whole = std::filesystem::file_size(file) - 4;  // the end says that nothing follows

  for (std::uintmax_t left = whole - 1; left > 16; left -= std::min<std::uintmax_t>(left, 97)) {
    std::filesystem::resize_file(file, left);
    EXPECT_THAT(problem(file), HasSubstr("is the file complete?")) << left << " of " << whole;
  }
}

INSTANTIATE_TEST_SUITE_P(TilesAndStrips, CutTiff, ::testing::Bool());

TEST(ImageFile, DamagedStripIsAnError) {
  const TempFolder folder;
  auto page = RawTiff::page(64, 64, 3, 8, false, 64);
  page.tags[259] = {RawTiff::kShort, {8}};  // deflate
  page.chunks = {std::string(300, '\x55')};
  RawTiff::write(folder / "a.tif", {page});

  ::testing::internal::CaptureStderr();
  EXPECT_THAT(problem(folder / "a.tif"), HasSubstr("strip at (0, 0) failed"));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(ImageFile, DamagedJpegStripIsAnError) {
  const TempFolder folder;
  cv::Mat picture(64, 64, CV_8UC3);
  cv::randu(picture, 60, 250);
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", picture, bytes);
  auto page = RawTiff::page(64, 64, 3, 8, false, 64);
  page.tags[259] = {RawTiff::kShort, {7}};
  page.tags[262] = {RawTiff::kShort, {6}};
  page.tags[530] = {RawTiff::kShort, {2, 2}};
  page.chunks = {std::string(bytes.begin(), bytes.end())};
  page.chunks[0].replace(page.chunks[0].size() / 2, 1000, 1000, '\0');
  RawTiff::write(folder / "a.tif", {page});

  EXPECT_THAT(problem(folder / "a.tif"), HasSubstr("strip at (0, 0) failed"));
}

TEST(ImageFile, MiraxWithoutItsFolderIsNotItsPreview) {
  const TempFolder folder;
  const auto picture = noisy_picture(folder, "a.jpg");
  std::filesystem::rename(picture, folder / "alone.mrxs");

  EXPECT_THAT(problem(folder / "alone.mrxs"), HasSubstr("folder 'alone'"));

  std::filesystem::create_directory(folder / "alone");
  EXPECT_THAT(problem(folder / "alone.mrxs"), HasSubstr("no Slidedat.ini"));
}

TEST(ImageFile, OtherSlidesOfSeveralFilesAreNotTheirPreviews) {
  const TempFolder folder;
  RawTiff::write(folder / "a.vsi", {plain_page(64, false)});
  RawTiff::write(folder / "tiled.vsi", {plain_page(64, true)});
  RawTiff::write(folder / "a.ndpi", {plain_page(64, false)});

  EXPECT_THAT(problem(folder / "a.vsi"), HasSubstr("folder '_a_'"));
  EXPECT_THAT(problem(folder / "tiled.vsi"), HasSubstr("folder '_tiled_'"));
  EXPECT_THAT(problem(folder / "a.ndpi"), HasSubstr("preview"));
}

}  // namespace
}  // namespace mito
