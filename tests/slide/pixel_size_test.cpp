#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/slide/ome.h"
#include "engine/slide/slide.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/raw_tiff.h"

namespace mito {
namespace {

using test::RawTiff;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string problem(const std::filesystem::path& file, const SlideOptions& options = {}) {
  try {
    Slide::open(file, options);
  } catch (const DataError& error) {
    return error.what();
  }
  return "opened";
}

std::string ome_text(const std::string& size, const std::string& unit) {
  const auto attribute = [&](const std::string& axis) {
    return " PhysicalSize" + axis + "=\"" + size + "\"" +
           (unit.empty() ? "" : " PhysicalSize" + axis + "Unit=\"" + unit + "\"");
  };
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME><Image><Pixels SizeX=\"9\" SizeY=\"9\" "
         "PhysicalSizeX=\"77\"/></Image><Image><Pixels SizeX=\"64\" SizeY=\"64\"" +
         attribute("X") + attribute("Y") + "/></Image></OME>";
}

struct Unit {
  const char* name;
  const char* size;  ///< A quarter of a micrometre.
};
class OmeUnit : public ::testing::TestWithParam<Unit> {};

TEST_P(OmeUnit, IsTurnedIntoMicrometres) {
  const auto found = slide::ome_resolution(ome_text(GetParam().size, GetParam().name), 64, 64);

  ASSERT_TRUE(found && found->resolution);
  EXPECT_NEAR(found->resolution->mpp_x, 0.25, 1e-9);
  EXPECT_NEAR(found->resolution->mpp_y, 0.25, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(All,
                         OmeUnit,
                         ::testing::Values(Unit{"", "0.25"},
                                           Unit{"um", "2.5E-1"},
                                           Unit{"\xc2\xb5m", "0.25"},
                                           Unit{"\xce\xbcm", "0.25"},
                                           Unit{"&#181;m", "0.25"},
                                           Unit{"nm", "250"},
                                           Unit{"mm", "0.00025"},
                                           Unit{"cm", "0.000025"},
                                           Unit{"m", "2.5e-7"},
                                           Unit{"\xc3\x85", "2500"},
                                           Unit{"in", "9.84251968503937e-6"},
                                           Unit{"pt", "0.0007086614173228346"}));

TEST(OmeXml, PixelsAndOtherTextsAreNoLength) {
  const auto found = slide::ome_resolution(ome_text("1", "pixel"), 64, 64);

  ASSERT_TRUE(found);
  EXPECT_FALSE(found->resolution);
  EXPECT_EQ(found->unknown_unit, "pixel");
  EXPECT_FALSE(slide::ome_resolution("Aperio Image Library", 64, 64));
  EXPECT_FALSE(slide::ome_resolution("<OME><broken", 64, 64));
}

std::filesystem::path tiff_with(const TempFolder& folder,
                                const std::string& description,
                                bool tiled,
                                std::vector<std::uint32_t> per_cm) {
  auto page = RawTiff::page(64, 64, 3, 8, tiled, 64);
  page.chunks = {std::string(64 * 64 * 3, '\x64')};
  page.description = description;
  if (per_cm.empty())
    for (const auto tag : std::array<std::uint16_t, 3>{282, 283, 296}) page.tags.erase(tag);
  else
    page.tags[282] = page.tags[283] = {RawTiff::kRational, std::move(per_cm)};
  RawTiff::write(folder / "a.ome.tif", {page});
  return folder / "a.ome.tif";
}

class OmeTiff : public ::testing::TestWithParam<bool> {};

TEST_P(OmeTiff, StatesTheSizeOfItsPixelsInItsXml) {
  const TempFolder folder;

  const auto alone = Slide::open(tiff_with(folder, ome_text("0.25", "um"), GetParam(), {}), {});
  EXPECT_EQ(alone.info().mpp_source, "OME-XML");
  EXPECT_DOUBLE_EQ(alone.info().mpp_x, 0.25);

  // 72 dots per inch, as from a program that knows no size.
  const auto beside =
      Slide::open(tiff_with(folder, ome_text("250", "nm"), GetParam(), {2835, 100}), {});
  EXPECT_DOUBLE_EQ(beside.info().mpp_x, 0.25);
}

TEST_P(OmeTiff, AbsurdSizesAreRefusedWithTheirValue) {
  const TempFolder folder;

  EXPECT_THAT(problem(tiff_with(folder, ome_text("250", "um"), GetParam(), {})),
              AllOf(HasSubstr("250 um (from OME-XML)"), HasSubstr("assume_mpp=0.25"),
                    Not(HasSubstr("allow_upsampling"))));
}

INSTANTIATE_TEST_SUITE_P(TilesAndStrips, OmeTiff, ::testing::Bool());

std::filesystem::path slide_stating(const TempFolder& folder, double mpp) {
  auto params = test::small_slide();
  params.mpp = mpp;
  return test::draw_slide(folder.path(), params);
}

TEST(PixelSize, OfNoMicroscopeIsRefusedWithFileValueAndWhatToDo) {
  const TempFolder folder;

  EXPECT_THAT(problem(tiff_with(folder, ome_text("0.00025", "um"), true, {})),
              AllOf(HasSubstr("a.ome.tif"), HasSubstr("0.00025"), HasSubstr("assume_mpp=0.25")));
  EXPECT_THAT(problem(tiff_with(folder, "", true, {400, 1})),
              AllOf(HasSubstr("25 um/px"), HasSubstr("assume_mpp=0.25")));
}

TEST(PixelSize, OfAVeryCoarsePictureIsNotAdvisedToBeAccepted) {
  const TempFolder folder;

  EXPECT_THAT(
      problem(slide_stating(folder, 4)),
      AllOf(HasSubstr("4 um/px"), HasSubstr("assume_mpp"), Not(HasSubstr("allow_upsampling"))));
}

TEST(PixelSize, GivenByTheUserTakesThePlaceOfTheHeadersAndSaysSo) {
  const TempFolder folder;
  const auto file = tiff_with(folder, ome_text("0.00025", "um"), true, {});

  const auto slide = Slide::open(file, {.assume_mpp = 0.25});

  EXPECT_DOUBLE_EQ(slide.info().mpp_y, 0.25);
  EXPECT_EQ(slide.info().mpp_source, "assume_mpp (OME-XML: 0.00025)");
}

TEST(PixelSize, GivenAsTheHeaderHasItIsJustGiven) {
  const TempFolder folder;

  const auto slide = Slide::open(slide_stating(folder, 0.25), {.assume_mpp = 0.25});

  EXPECT_EQ(slide.info().mpp_source, "assume_mpp");
}

TEST(PixelSize, GivenByTheUserMayDifferAlongY) {
  const TempFolder folder;

  const auto slide = Slide::open(slide_stating(folder, 0.2), {.assume_mpp = 0.25,
                                                              .assume_mpp_y = 0.3,
                                                              .assume_source = "table",
                                                              .allow_anisotropic = true});

  EXPECT_DOUBLE_EQ(slide.info().mpp_y, 0.3);
  EXPECT_EQ(slide.info().mpp_source, "table (openslide.mpp-x: 0.2)");
}

}  // namespace
}  // namespace mito
