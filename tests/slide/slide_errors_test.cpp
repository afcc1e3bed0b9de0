#include <atomic>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/core/local_copies.h"
#include "engine/slide/slide.h"
#include "engine/tiff/pyramid_writer.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/problem.h"
#include "tests/support/raw_tiff.h"

namespace mito {
namespace {

using test::draw_slide;
using test::small_slide;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Format = tiff::PyramidSpec::Format;

const std::filesystem::path kSamples = MITO_SOURCE_DIR "/../shared/data/wsi-samples";

std::string problem(const std::filesystem::path& file, const SlideOptions& options = {}) {
  try {
    Slide::open(file, options);
  } catch (const DataError& error) {
    return error.what();
  }
  return "opened";
}

std::string read_all(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::filesystem::path copy_with(const std::filesystem::path& from,
                                const std::string& name,
                                const std::function<void(std::string&)>& change) {
  std::string bytes = read_all(from);
  change(bytes);
  const auto to = from.parent_path() / name;
  write_file(to, bytes);
  return to;
}

/// One grey tile of 256 x 256 px.
std::filesystem::path plain_slide(const std::filesystem::path& file,
                                  double mpp_x,
                                  double mpp_y,
                                  tiff::PyramidSpec::Format format) {
  tiff::PyramidWriter out(
      file, {.width = 256, .height = 256, .format = format, .mpp_x = mpp_x, .mpp_y = mpp_y});
  out.write_tile(0, 0, std::vector<std::byte>(out.tile_bytes(), std::byte{128}));
  out.finish();
  return file;
}

/// Two tiles side by side, of which the left one is damaged.
std::filesystem::path half_damaged_slide(const TempFolder& folder) {
  auto params = small_slide();
  params.width_px = 512;
  params.height_px = 256;
  return copy_with(draw_slide(folder.path(), params), "damaged.svs",
                   [](std::string& bytes) { bytes.replace(3000, 4000, 4000, '\x55'); });
}

TEST(SlideErrors, MissingFile) {
  EXPECT_THAT(problem("/nowhere/a.svs"), AllOf(HasSubstr("/nowhere/a.svs"), HasSubstr("no such")));
}

TEST(SlideErrors, Folder) {
  const TempFolder folder;
  EXPECT_THAT(problem(folder.path()), HasSubstr("is a folder"));
}

TEST(SlideErrors, EmptyFile) {
  const TempFolder folder;
  write_file(folder / "empty.svs", "");
  EXPECT_THAT(problem(folder / "empty.svs"), AllOf(HasSubstr("empty.svs"), HasSubstr("is empty")));
}

TEST(SlideErrors, TextNamedSvs) {
  const TempFolder folder;
  write_file(folder / "text.svs", "hello\n");
  EXPECT_THAT(problem(folder / "text.svs"), HasSubstr("not a slide that OpenSlide knows"));
}

TEST(SlideErrors, AFileOnWhichOpenSlideCrashesIsRefusedInWords) {
  const TempFolder folder;
  // Columns times rows is more than an int holds, and OpenSlide takes memory for as many names.
  write_file(folder / "a.vms",
             "[Virtual Microscope Specimen]\nNoJpegColumns=46341\nNoJpegRows=46341\n");

  EXPECT_THAT(problem(folder / "a.vms"),
              AllOf(HasSubstr("a.vms: OpenSlide crashes when it opens it"), HasSubstr("trap")));
}

TEST(SlideErrors, ATileThatIsLargerThanTheFile) {
  const TempFolder folder;
  auto page = test::RawTiff::page(256, 256, 3, 8, true, 256);
  page.description = "Aperio Image Library v1\n256x256|MPP = 0.25";
  page.tags[259] = {test::RawTiff::kShort, {33003}};  // JPEG 2000
  page.chunks = {std::string(7777, 'x')};
  test::RawTiff::write(folder / "whole.svs", {page});
  const auto file = copy_with(folder / "whole.svs", "a.svs", [](std::string& bytes) {
    bytes.replace(bytes.find(std::string("\x61\x1e\0\0", 4)), 4, "\xff\xff\xff\xff");
  });

  EXPECT_THAT(problem(file), HasSubstr("a.svs: a tile of page 1 has 4294967295 bytes, as it says"));
}

TEST(SlideErrors, TruncatedSlide) {
  const TempFolder folder;
  const auto cut = copy_with(draw_slide(folder.path()), "cut.svs",
                             [](std::string& bytes) { bytes.resize(bytes.size() / 4); });
  EXPECT_THAT(problem(cut), AllOf(HasSubstr("cut.svs"), HasSubstr("is the file complete?")));
}

TEST(SlideErrors, TruncatedJpegImage) {
  const TempFolder folder;
  write_file(folder / "cut.jpg", std::string("\xff\xd8\xff\xe0", 4) + std::string(100, 'x'));
  EXPECT_THAT(problem(folder / "cut.jpg", {.assume_mpp = 0.25}), HasSubstr("cannot be decoded"));
}

TEST(SlideErrors, TooCoarseSaysHowToAcceptIt) {
  const TempFolder folder;
  auto params = small_slide();
  params.mpp = 0.5;
  const auto file = draw_slide(folder.path(), params);

  EXPECT_THAT(problem(file), AllOf(HasSubstr("resolution too low: 0.5"),
                                   HasSubstr("--set slide.allow_upsampling=true")));
  EXPECT_EQ(problem(file, {.allow_upsampling = true}), "opened");
}

TEST(SlideErrors, AnisotropicSaysHowToAcceptIt) {
  const TempFolder folder;
  const auto file = plain_slide(folder / "uneven.tif", 0.25, 0.26, Format::Generic);

  EXPECT_THAT(problem(file), HasSubstr("--set slide.allow_anisotropic=true"));
  EXPECT_EQ(problem(file, {.allow_anisotropic = true}), "opened");
}

TEST(SlideErrors, NoResolutionSaysHowToGiveIt) {
  const TempFolder folder;
  // No microscope: not taken for a resolution.
  const auto file = plain_slide(folder / "screen.tif", 25, 25, Format::Generic);

  EXPECT_THAT(problem(file), HasSubstr("--set slide.assume_mpp=0.25"));
  EXPECT_EQ(Slide::open(file, {.assume_mpp = 0.25}).info().mpp_source, "assume_mpp");
}

TEST(SlideErrors, ObjectivePowerCountsOnlyWhenAllowed) {
  const TempFolder folder;
  // The writer states an objective power of 1, hence 10 um/px.
  const auto whole = plain_slide(folder / "whole.svs", 25, 25, Format::Aperio);
  const auto file = copy_with(whole, "power.svs", [](std::string& all) {
    for (auto at = all.find("|MPP"); at != std::string::npos; at = all.find("|MPP"))
      all.replace(at, 4, "|XYZ");
  });

  EXPECT_THAT(problem(file), HasSubstr("--set slide.allow_objective_power=true"));
  const auto slide = Slide::open(file, {.allow_objective_power = true, .allow_upsampling = true});
  EXPECT_EQ(slide.info().mpp_source, "objective power");
  EXPECT_DOUBLE_EQ(slide.info().mpp_x, 10);
}

TEST(SlideErrors, DamagedTileNamesSlideLevelAndRegion) {
  const TempFolder folder;
  const auto slide = Slide::open(half_damaged_slide(folder), {});
  try {
    slide.read(slide.analysis_grid(), {0, 0, 200, 200});
    FAIL() << "read a damaged tile";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("damaged.svs"), HasSubstr("level 0"),
                                    HasSubstr("200x200 at (0, 0)")));
  }
}

TEST(SlideErrors, ADamagedTileOfACopyNamesTheSlide) {
  const TempFolder folder;
  LocalCopies copies(folder / "near", 2, [] { return false; });
  const auto slide = Slide::open(half_damaged_slide(folder), {.copies = &copies});

  EXPECT_THAT(test::problem([&] {
                slide.read(slide.analysis_grid(), {0, 0, 200, 200});
              }),
              AllOf(HasSubstr((folder / "damaged.svs").string()), Not(HasSubstr("near"))));
}

TEST(SlideErrors, OtherRegionsStayReadableAfterADamagedTile) {
  const TempFolder folder;
  const auto slide = Slide::open(half_damaged_slide(folder), {});
  const Rect good{300, 0, 200, 200};
  const auto before = slide.read(slide.analysis_grid(), good);

  std::atomic<int> failures{0};
  std::thread reader([&] {
    for (int i = 0; i < 20; ++i) try {
        if (slide.read(slide.analysis_grid(), good) != before) ++failures;
      } catch (const DataError&) {
        ++failures;
      }
  });
  for (int i = 0; i < 20; ++i)
    EXPECT_THROW(slide.read(slide.analysis_grid(), {0, 0, 200, 200}), DataError);
  reader.join();

  EXPECT_EQ(failures, 0);
}

TEST(SlideErrors, RealSlidesAreRefusedWithWhatToDo) {
  if (!std::filesystem::exists(kSamples)) GTEST_SKIP() << "no slides in " << kSamples;

  EXPECT_THAT(problem(kSamples / "CMU-1-Small-Region.svs"),
              AllOf(HasSubstr("0.499"), HasSubstr("allow_upsampling")));
  EXPECT_THAT(problem(kSamples / "TCGA-CR-7395-01A-01-TS1.svs"), HasSubstr("assume_mpp"));
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(AtomicFile, LeavesNothingBehindWithoutCommit) {
  const TempFolder folder;
  {
    const AtomicFile file(folder / "a.csv");
    std::ofstream(file.part()) << "half";
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AtomicFile, RemovesWhatAKilledProcessLeftOfTheSameFile) {
  const TempFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const AtomicFile left(folder / "a.csv");
    ::_exit(0);  // as a kill
  }
  ::waitpid(child, nullptr, 0);
  const AtomicFile ours(folder / "b.csv");  // another file

  write_file(folder / "a.csv", "whole");

  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    names.push_back(entry.path().filename());
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("a.csv", ours.part().filename().string()));
}

TEST(AtomicFile, DoesNotWriteThroughALinkThatStandsWhereItWrites) {
  const TempFolder folder;
  write_file(folder / "precious.txt", "of somebody else");
  const auto part = AtomicFile(folder / "a.csv").part();
  std::filesystem::create_symlink(folder / "precious.txt", part);

  write_file(folder / "a.csv", "written");

  EXPECT_EQ(content_of(folder / "precious.txt"), "of somebody else");
  EXPECT_EQ(content_of(folder / "a.csv"), "written");
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(part)));
}

TEST(AtomicFile, NamesTheFileThatCannotBeWritten) {
  try {
    write_file("/nowhere/a.csv", "x");
    FAIL() << "wrote into a folder that does not exist";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nowhere/a.csv"));
  }
}

}  // namespace
}  // namespace mito
