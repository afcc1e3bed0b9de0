#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/slide/pixel_source.h"
#include "tests/support/drawn_slide.h"

namespace mito::slide {
namespace {

using test::draw_slide;
using test::TempFolder;
using Pixels = std::vector<std::uint8_t>;

const std::filesystem::path kData = MITO_SOURCE_DIR "/../shared/data";

/// What OpenSlide says about a file, without its pixels.
class HeaderOnly final : public PixelSource {
 public:
  explicit HeaderOnly(const std::filesystem::path& file) : source_(open_with_openslide(file)) {}
  const std::vector<Level>& levels() const override { return source_->levels(); }
  std::string vendor() const override { return source_->vendor(); }
  std::map<std::string, std::string> properties() const override { return source_->properties(); }
  void read(int, const Rect&, std::uint8_t*, std::uint8_t*) const override {
    throw std::logic_error("a region was left to OpenSlide");
  }

 private:
  std::unique_ptr<PixelSource> source_;
};

Pixels read(const PixelSource& source, int level, const Rect& area) {
  Pixels rgb(static_cast<std::size_t>(area.width * area.height * 3));
  source.read(level, area, rgb.data(), nullptr);
  return rgb;
}

std::filesystem::path drawn(const TempFolder& folder, const std::string& format, int quality) {
  auto params = test::small_slide();
  params.format = format;
  params.jpeg_quality = quality;
  params.width_px = 2048;  // two levels and more, with whole steps between them
  params.height_px = 1280;
  return draw_slide(folder.path(), params);
}

void expect_same_pixels(const std::filesystem::path& file, const PixelSource& direct) {
  const auto openslide = open_with_openslide(file);
  for (std::size_t i = 0; i < openslide->levels().size(); ++i) {
    const auto& size = openslide->levels()[i];
    const Rect whole{0, 0, std::min<std::int64_t>(size.width, 1500),
                     std::min<std::int64_t>(size.height, 1100)};
    for (const Rect& area :
         {whole, Rect{17, 255, 242, 3}, Rect{size.width - 101, size.height - 99, 101, 99}})
      EXPECT_EQ(read(direct, static_cast<int>(i), area),
                read(*openslide, static_cast<int>(i), area))
          << file << ", level " << i << ", at (" << area.x << ", " << area.y << ")";
  }
}

class TiffSourceFormat : public ::testing::TestWithParam<std::string> {};

TEST_P(TiffSourceFormat, DecodesTheSamePixelsAsOpenSlideWithoutIt) {
  const TempFolder folder;
  const auto file = drawn(folder, GetParam(), 85);

  const auto direct = with_tiff_tiles(file, std::make_unique<HeaderOnly>(file));

  ASSERT_GT(direct->levels().size(), 1U);
  expect_same_pixels(file, *direct);
}

INSTANTIATE_TEST_SUITE_P(Both, TiffSourceFormat, ::testing::Values("aperio", "generic"));

TEST(TiffSource, LeavesOtherCompressionsToOpenSlide) {
  const TempFolder folder;
  const auto file = drawn(folder, "aperio", 0);

  const auto direct = with_tiff_tiles(file, std::make_unique<HeaderOnly>(file));

  EXPECT_THROW(read(*direct, 0, {0, 0, 10, 10}), std::logic_error);
}

/// A copy of `file` in which the bytes `shift` after the first mark of a scan are others: past the
/// tables, in a tile of the base level.
std::filesystem::path damaged(const std::filesystem::path& file,
                              std::ptrdiff_t shift,
                              const std::string& others) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto scan = bytes.find("\xff\xda");
  EXPECT_NE(scan, std::string::npos);
  bytes.replace(static_cast<std::size_t>(static_cast<std::ptrdiff_t>(scan) + shift), others.size(),
                others);
  const auto out = file.parent_path() / "damaged.tif";
  write_file(out, bytes);
  return out;
}

struct Damage {
  const char* name;
  std::ptrdiff_t shift;
  std::string bytes;
};

class TiffSourceDamage : public ::testing::TestWithParam<Damage> {};

// Decoders make pixels up for most of these and only warn.
TEST_P(TiffSourceDamage, IsLeftToOpenSlideWhichRefusesIt) {
  const TempFolder folder;
  const auto file = damaged(drawn(folder, "generic", 85), GetParam().shift, GetParam().bytes);

  const auto direct = with_tiff_tiles(file, std::make_unique<HeaderOnly>(file));
  const auto whole = with_tiff_tiles(file, open_with_openslide(file));

  EXPECT_THROW(read(*direct, 0, {0, 0, 300, 300}), std::logic_error);
  EXPECT_THROW(read(*whole, 0, {0, 0, 300, 300}), DataError);
  EXPECT_NO_THROW(read(*direct, 0, {600, 300, 300, 300}));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds,
    TiffSourceDamage,
    ::testing::Values(Damage{"NoFrameHeader", -19, "\xff\x01"},
                      Damage{"CutScan", 400, "\xff\xd9"},
                      // The frame header of 19 bytes ends at the scan: its width is 7 bytes in.
                      Damage{"NarrowFrame", -12, std::string("\x00\xf0", 2)}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(TiffSource, LeavesLevelsWithoutAWholeStepToOpenSlide) {
  const TempFolder folder;
  auto params = test::small_slide();
  params.format = "generic";
  params.jpeg_quality = 85;
  params.width_px = 2049;  // the next level has 1024
  params.height_px = 1024;
  const auto file = draw_slide(folder.path(), params);

  const auto direct = with_tiff_tiles(file, std::make_unique<HeaderOnly>(file));

  EXPECT_NO_THROW(read(*direct, 0, {0, 0, 10, 10}));
  EXPECT_THROW(read(*direct, 1, {0, 0, 10, 10}), std::logic_error);
}

TEST(TiffSource, GivesTheSamePixelsToSeveralThreads) {
  const TempFolder folder;
  const auto file = drawn(folder, "generic", 85);
  const auto direct = with_tiff_tiles(file, std::make_unique<HeaderOnly>(file));
  const auto openslide = open_with_openslide(file);
  const Rect area{100, 50, 1800, 1100};
  const auto expected = read(*openslide, 0, area);

  std::vector<Pixels> found(4);
  std::vector<std::thread> threads;
  for (auto& pixels : found) threads.emplace_back([&] { pixels = read(*direct, 0, area); });
  for (auto& thread : threads) thread.join();

  EXPECT_THAT(found, ::testing::Each(expected));
}

TEST(TiffSource, RealSlides) {
  if (!std::filesystem::exists(kData)) GTEST_SKIP() << "no slides in " << kData;

  for (const auto* name :
       {"mitos14-hamamatsu-wsi/H04_04.tif", "wsi-samples/OS-1-detail.tif",
        "wsi-samples/CMU-1-Small-Region.svs", "wsi-samples/TCGA-CR-7395-01A-01-TS1.svs",
        "ihc-ki67-two-scanners/OS-2-ndpi.tif"})
    expect_same_pixels(kData / name,
                       *with_tiff_tiles(kData / name, open_with_openslide(kData / name)));
  for (const auto* name :
       {"mitos14-hamamatsu-wsi/H04_04.tif", "wsi-samples/CMU-1-Small-Region.svs"})
    EXPECT_NO_THROW(read(*with_tiff_tiles(kData / name, std::make_unique<HeaderOnly>(kData / name)),
                         0, {0, 0, 700, 700}))
        << name << " is JPEG, and is read by OpenSlide all the same";
}

}  // namespace
}  // namespace mito::slide
