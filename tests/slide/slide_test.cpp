#include "engine/slide/slide.h"

#include <numeric>
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/slide/openslide_formats.h"
#include "engine/tiff/pyramid_writer.h"
#include "tests/support/drawn_slide.h"

namespace mito {
namespace {

using test::draw_slide;
using test::small_slide;
using test::TempFolder;

const std::filesystem::path kSamples = MITO_SOURCE_DIR "/../shared/data/wsi-samples";

synthetic_slide::Params slide_at(double mpp, const std::string& format = "aperio") {
  auto params = small_slide();
  params.mpp = mpp;
  params.format = format;
  return params;
}

std::vector<std::uint8_t> part_of(const std::vector<std::uint8_t>& whole,
                                  const Rect& area,
                                  const Rect& part) {
  std::vector<std::uint8_t> out;
  for (std::int64_t y = 0; y < part.height; ++y) {
    const auto from = whole.begin() + ((part.y - area.y + y) * area.width + part.x - area.x) * 3;
    out.insert(out.end(), from, from + part.width * 3);
  }
  return out;
}

TEST(Slide, TakesTheResolutionFromOpenSlideFirst) {
  const TempFolder folder;

  const auto slide = Slide::open(draw_slide(folder.path()), {});

  EXPECT_EQ(slide.info().vendor, "aperio");
  EXPECT_EQ(slide.info().mpp_source, "openslide.mpp-x");
  EXPECT_DOUBLE_EQ(slide.info().mpp_x, 0.25);
}

TEST(Slide, TakesTheResolutionFromTiffTagsOtherwise) {
  const TempFolder folder;

  const auto slide = Slide::open(draw_slide(folder.path(), slide_at(0.2, "generic")), {});

  EXPECT_EQ(slide.info().vendor, "generic-tiff");
  EXPECT_THAT(slide.info().mpp_source, ::testing::AnyOf("tiff resolution", "openslide.mpp-x"));
  EXPECT_NEAR(slide.info().mpp_y, 0.2, 1e-6);
}

TEST(Slide, UsesItsOwnPixelsNearTheAnalysisResolution) {
  const TempFolder folder;

  const auto slide = Slide::open(draw_slide(folder.path(), slide_at(0.24)), {});

  EXPECT_EQ(slide.analysis_grid(), (Grid{1, 1, 0.24, 600, 500}));
}

TEST(Slide, ResamplesToTheAnalysisResolutionOtherwise) {
  const TempFolder folder;

  const auto slide = Slide::open(draw_slide(folder.path(), slide_at(0.2)), {});

  EXPECT_EQ(slide.analysis_grid(), (Grid{1.25, 1.25, 0.25, 480, 400}));
}

TEST(Slide, GridCoversTheWholeSlide) {
  const TempFolder folder;

  const Grid grid = Slide::open(draw_slide(folder.path()), {}).grid(8);

  EXPECT_EQ(grid, (Grid{32, 32, 8, 19, 16}));
}

TEST(Slide, ReadsItsOwnPixelsAndWhiteBeyond) {
  const TempFolder folder;
  const auto slide = Slide::open(draw_slide(folder.path()), {});
  const Rect area{560, 470, 80, 60};

  const auto pixels = slide.read(slide.analysis_grid(), area);

  const auto drawn = synthetic_slide::SyntheticSlide(small_slide()).render(area);
  EXPECT_EQ(part_of(pixels, area, {560, 470, 40, 30}), part_of(drawn, area, {560, 470, 40, 30}));
  EXPECT_EQ(part_of(pixels, area, {600, 470, 40, 60}), std::vector<std::uint8_t>(40 * 60 * 3, 255));
}

class SlideSplit : public ::testing::TestWithParam<double> {};

TEST_P(SlideSplit, PixelsDoNotDependOnTheAreaAskedFor) {
  const TempFolder folder;
  auto params = slide_at(0.2273, "generic");
  params.width_px = 1105;  // two levels, sizes odd
  params.height_px = 519;
  const auto slide = Slide::open(draw_slide(folder.path(), params), {});
  const Grid grid = slide.grid(GetParam());
  const Rect area{-7, -3, std::min<std::int64_t>(grid.width, 500) + 11,
                  std::min<std::int64_t>(grid.height, 150) + 9};

  const auto whole = slide.read(grid, area);

  const std::int64_t cut_x = area.width / 3;
  const std::int64_t cut_y = area.height / 2 + 1;
  for (const Rect& part :
       {Rect{area.x, area.y, cut_x, cut_y}, Rect{area.x + cut_x, area.y, area.width - cut_x, cut_y},
        Rect{area.x, area.y + cut_y, cut_x, area.height - cut_y},
        Rect{area.x + cut_x, area.y + cut_y, area.width - cut_x, area.height - cut_y}})
    EXPECT_EQ(slide.read(grid, part), part_of(whole, area, part));
}

INSTANTIATE_TEST_SUITE_P(Resolutions, SlideSplit, ::testing::Values(0.15, 0.25, 0.5, 1.0, 8.0));

TEST(Slide, CoarseLevelsGiveTheSamePictureAsTheFinestOne) {
  const TempFolder folder;
  auto params = slide_at(0.25, "generic");
  params.width_px = 1100;
  params.height_px = 520;
  const auto slide = Slide::open(draw_slide(folder.path(), params), {});
  ASSERT_GT(slide.info().levels, 1);

  const auto coarse = slide.read(slide.grid(0.5), {0, 0, 550, 260});

  const auto fine = slide.read(slide.grid(0.25), {0, 0, 1100, 520});
  for (std::size_t y = 0; y < 260; ++y)
    for (std::size_t x = 0; x < 550; ++x) {
      const auto at = [&](std::size_t u, std::size_t v) {
        return int{fine[((2 * y + v) * 1100 + 2 * x + u) * 3]};
      };
      const int mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4;
      ASSERT_EQ(int{coarse[(y * 550 + x) * 3]}, mean) << x << ", " << y;
    }
}

TEST(Slide, ReadsImagesSmallerThanTheirTiles) {
  const TempFolder folder;
  auto params = slide_at(0.25, "generic");
  params.width_px = 256;
  params.height_px = 256;
  const synthetic_slide::SyntheticSlide drawn(params);
  const auto pixels = drawn.render({0, 0, 256, 256});
  const auto file = folder / "small.tif";
  tiff::PyramidWriter out(file, {.width = 200, .height = 100, .mpp_x = 0.25, .mpp_y = 0.25});
  out.write_tile(0, 0, std::as_bytes(std::span(pixels)));
  out.finish();

  const auto slide = Slide::open(file, {});

  EXPECT_EQ(slide.info().mpp_source, "tiff resolution");
  EXPECT_EQ(slide.read(slide.analysis_grid(), {0, 0, 200, 100}), drawn.render({0, 0, 200, 100}));
}

TEST(Slide, GoesOnByReflectionWhereItIsAskedTo) {
  const TempFolder folder;
  const auto file = draw_slide(folder.path());
  const auto plain = Slide::open(file, {});
  const auto mirrored = Slide::open(file, {.beyond = Beyond::Mirrored});
  const auto& grid = plain.analysis_grid();
  const std::int64_t wide = grid.width + 60;
  const auto whole = plain.read(grid, {0, 0, grid.width, grid.height});

  const auto read = mirrored.read(grid, {-30, -40, wide, grid.height + 80});

  const auto back = [](std::int64_t i, std::int64_t n) {
    return i < 0 ? -1 - i : i < n ? i : 2 * n - 1 - i;
  };
  for (std::int64_t y = 0; y < grid.height + 80; ++y)
    for (std::int64_t x = 0; x < wide; ++x) {
      const auto from = back(y - 40, grid.height) * grid.width + back(x - 30, grid.width);
      for (std::int64_t c = 0; c < 3; ++c)
        ASSERT_EQ(read[static_cast<std::size_t>((y * wide + x) * 3 + c)],
                  whole[static_cast<std::size_t>(from * 3 + c)])
            << x << " " << y;
    }
  EXPECT_EQ(mirrored.read(grid, {10, 20, 30, 40}), plain.read(grid, {10, 20, 30, 40}));
  EXPECT_NE(mirrored.info().identity, plain.info().identity);
}

TEST(Slide, AWindowWhollyBeyondTheEdgeIsReflectedToo) {
  const TempFolder folder;
  const auto file = draw_slide(folder.path(), slide_at(0.2));  // resampled
  const auto slide = Slide::open(file, {.beyond = Beyond::Mirrored});
  const auto& grid = slide.analysis_grid();

  auto beyond = slide.read(grid, {-20, 7, 20, 1});
  auto inside = slide.read(grid, {0, 7, 20, 1});

  for (std::size_t x = 0; x < 20; ++x)
    for (std::size_t c = 0; c < 3; ++c) ASSERT_EQ(beyond[3 * x + c], inside[3 * (19 - x) + c]);
}

TEST(Slide, IdentityFollowsTheContentNotTheName) {
  const TempFolder folder;
  auto params = small_slide();
  const auto first = draw_slide(folder.path(), params);
  std::filesystem::copy_file(first, folder / "copy.svs");
  params.name = "other";
  params.seed = 2;

  const auto identity = [](const std::filesystem::path& file) {
    return Slide::open(file, {}).info().identity;
  };

  EXPECT_EQ(identity(first), identity(folder / "copy.svs"));
  EXPECT_NE(identity(first), identity(draw_slide(folder.path(), params)));
}

TEST(Slide, ReadsRealSlides) {
  if (!std::filesystem::exists(kSamples)) GTEST_SKIP() << "no slides in " << kSamples;

  const auto os1 = Slide::open(kSamples / "OS-1-detail.tif", {});
  const auto cmu = Slide::open(kSamples / "CMU-1-Small-Region.svs", {.allow_upsampling = true});
  const auto tcga = Slide::open(kSamples / "TCGA-CR-7395-01A-01-TS1.svs", {.assume_mpp = 0.25});

  EXPECT_NEAR(os1.info().mpp_x, 0.2271, 1e-4);
  EXPECT_EQ(os1.analysis_grid().width, 1000);
  EXPECT_EQ(cmu.analysis_grid().width, 4431);
  EXPECT_EQ(tcga.info().mpp_source, "assume_mpp");
  const auto pixels = os1.read(os1.analysis_grid(), {400, 400, 64, 64});
  const double mean =
      std::accumulate(pixels.begin(), pixels.end(), 0.0) / static_cast<double>(pixels.size());
  EXPECT_GT(mean, 60);  // tissue: neither black nor glass
  EXPECT_LT(mean, 235);
}

TEST(OpenSlideFormats, AreThoseOfItsVersion) {
  EXPECT_THAT(
      openslide_formats("3.4.1"),
      ::testing::AllOf(::testing::StartsWith("Aperio, "),
                       ::testing::EndsWith("Ventana; not DICOM (from 4.0.0); not Zeiss CZI, Huron, "
                                           "ARGOS (from 4.0.1)")));
  EXPECT_THAT(openslide_formats("4.0.0"),
              ::testing::EndsWith("Ventana, DICOM; not Zeiss CZI, Huron, ARGOS (from 4.0.1)"));
  EXPECT_THAT(openslide_formats("4.1.0-dev"),
              ::testing::EndsWith("Ventana, DICOM, Zeiss CZI, Huron, ARGOS"));
}

}  // namespace
}  // namespace mito
