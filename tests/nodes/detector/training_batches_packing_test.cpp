// Where the pixels of training batches come from: slides, memory, or a file.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/slide/patch_reader.h"
#include "nodes/detector/training_batches/training_batches.h"
#include "tests/support/drawn_slide.h"

namespace mito::training_batches {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBytes = std::size_t{3} * 128 * 128;

class Packing : public ::testing::Test {
 protected:
  Packing() {
    auto params = small_slide_of(1);
    slides_.add(slide(params));
    params = small_slide_of(2);
    params.name = "second";
    slides_.add(slide(params));
    // Places out of order, some beyond the border, one of them twice.
    for (const auto& [s, x, y] : {std::tuple(1, 300, 200),
                                  {0, 10, 490},
                                  {1, 599, 0},
                                  {0, 300, 20},
                                  {0, 10, 490},
                                  {1, 64, 64},
                                  {0, 301, 20},
                                  {1, 63, 300}}) {
      set_.slide.push_back(static_cast<std::uint32_t>(s));
      set_.at.push_back({x, y});
      set_.label.push_back(static_cast<std::uint8_t>(set_.label.size() % 2));
      set_.in_pool.push_back(-1);
    }
    set_.seed = 4;
  }

  static synthetic_slide::Params small_slide_of(std::int64_t seed) {
    auto params = test::small_slide();
    params.seed = seed;
    return params;
  }
  Slide slide(const synthetic_slide::Params& params) {
    const auto slide = Slide::open(test::draw_slide(folder_.path(), params), {});
    set_.slides.push_back({slide.info().name, slide.info().identity, "case", CaseSet::Training});
    return slide;
  }

  std::vector<PatchBatch> all(const Params& params, const Surroundings& surroundings = {}) {
    const Batches batches(set_, &slides_, nullptr, params, surroundings);
    std::vector<PatchBatch> out;
    for (std::uint32_t i = 0; i < batches.size(); ++i) out.push_back(batches.batch(i));
    return out;
  }

  static void expect_equal(const std::vector<PatchBatch>& a, const std::vector<PatchBatch>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].patch, b[i].patch);
      EXPECT_TRUE(a[i].rgb == b[i].rgb) << "pixels of batch " << i;
    }
  }

  test::TempFolder folder_;
  SlideCollection slides_;
  PatchSet set_;
};

constexpr std::int64_t kEpochs = 3;

// Method 6.1
TEST_F(Packing, APatchHasItsObjectAt64AndIsWhiteOffTheSlide) {
  const Slide& slide = slides_.at(set_.slides[0].identity, "");
  const auto object = slide.read(slide.analysis_grid(), {10, 490, 1, 1});

  const auto patch = cut_patch(slide, {10, 490}, 128);

  ASSERT_EQ(patch.size(), kBytes);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(patch[(64 * 128 + 64) * 3 + c], object[c]);
    EXPECT_EQ(patch[c], 255);                          // left of the slide
    EXPECT_EQ(patch[(127 * 128 + 100) * 3 + c], 255);  // below it
  }
}

TEST_F(Packing, GivesTheSameBatchesAsCuttingEachTime) {
  const Params cut{.epochs = kEpochs, .batch = 4, .pack = "no"};
  const auto expected = all(cut);
  for (const auto& batch : expected)
    for (std::size_t i = 0; i < batch.patch.size(); ++i) {
      const auto at = batch.patch[i];
      const auto patch =
          cut_patch(slides_.at(set_.slides[set_.slide[at]].identity, ""), set_.at[at], 128);
      EXPECT_TRUE(std::equal(patch.begin(), patch.end(),
                             batch.rgb.begin() + static_cast<std::ptrdiff_t>(i * kBytes)));
    }

  auto packed = cut;
  packed.pack = "memory";
  expect_equal(all(packed), expected);
  packed.pack = "file";
  expect_equal(all(packed, {.scratch = folder_ / "scratch"}), expected);
  EXPECT_GT(fs::file_size(folder_ / "scratch" / "patches.h5"), 7 * kBytes);  // one is there twice
  EXPECT_LT(fs::file_size(folder_ / "scratch" / "patches.h5"), 8 * kBytes);
}

TEST_F(Packing, ChoosesAFileWhenMemoryIsShort) {
  Params params{.epochs = 1, .batch = 4};
  all(params, {.scratch = folder_ / "roomy"});
  params.memory_mib = 0.1;
  all(params, {.scratch = folder_ / "short"});

  EXPECT_FALSE(fs::exists(folder_ / "roomy"));
  EXPECT_TRUE(fs::exists(folder_ / "short" / "patches.h5"));
}

TEST_F(Packing, ReadsAFinishedFileAgainAndReplacesOneOfOtherPatches) {
  const Params params{.epochs = 1, .batch = 4, .pack = "file"};
  const Surroundings surroundings{.scratch = folder_ / "scratch"};
  const auto first = all(params, surroundings);
  const auto written = fs::last_write_time(folder_ / "scratch" / "patches.h5");

  expect_equal(all(params, surroundings), first);
  EXPECT_EQ(fs::last_write_time(folder_ / "scratch" / "patches.h5"), written);

  set_.at[0].x += 1;
  const auto moved = all(params, surroundings);
  EXPECT_NE(fs::last_write_time(folder_ / "scratch" / "patches.h5"), written);
  auto cut = params;
  cut.pack = "no";
  expect_equal(moved, all(cut));
}

TEST_F(Packing, LeavesNothingHalfWrittenWhenStopped) {
  const Params params{.epochs = 1, .batch = 4, .pack = "file"};
  EXPECT_THROW(all(params, {.scratch = folder_ / "scratch", .stop = [] { return true; }}),
               Interrupted);
  EXPECT_TRUE(!fs::exists(folder_ / "scratch") || fs::is_empty(folder_ / "scratch"));
}

TEST_F(Packing, NamesADamagedFile) {
  const Params params{.epochs = 1, .batch = 4, .pack = "file"};
  const Surroundings surroundings{.scratch = folder_ / "scratch"};
  const auto file = folder_ / "scratch" / "patches.h5";
  all(params, surroundings);
  fs::resize_file(file, fs::file_size(file) / 2);
  try {
    all(params, surroundings);
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("patches.h5"));
  }
}

TEST_F(Packing, NamesASlideThatIsNotThere) {
  set_.slides[1].identity = "other";
  for (const auto* pack : {"no", "memory"}) {
    try {
      all({.batch = 4, .pack = pack});
      FAIL() << "no error";
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("second"));
    }
  }
}

}  // namespace
}  // namespace mito::training_batches
