#include "nodes/detector/training/plain_patches.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/slide/slide_collection.h"
#include "tests/nn/fake_network.h"
#include "tests/nodes/detector/training/drawn_patches.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/problem.h"
#include "tests/support/temp_folder.h"

namespace mito::nn {
namespace {

using ::testing::HasSubstr;

bool never() { return false; }

TEST(PlainPatches, AreTheMiddleOfThePatchWithTheObjectAtFifty) {
  auto set = drawn_patches("case", 1, 2);
  set.rgb.edit()[(64 * 128 + 64) * 3 + 1] = 51;  // green of the object of the first patch
  const PlainPatches plain(set, nullptr, 0, never);
  std::vector<float> out(std::size_t{3} * 100 * 100);

  plain.get(0, out);

  EXPECT_FLOAT_EQ(out[100 * 100 + 50 * 100 + 50], 0.2F);
  EXPECT_FLOAT_EQ(out[50 * 100 + 50], 10.0F / 255.0F);
  plain.get(1, out);
  EXPECT_FLOAT_EQ(out[50 * 100 + 50], 120.0F / 255.0F);
}

TEST(PlainPatches, AreScoredByANetworkInTheirOrder) {
  const auto set = drawn_patches("case", 3, 30);  // more than one batch
  const auto p =
      patch_probabilities(DarkPixelNetwork(), PlainPatches(set, nullptr, 1, never), never);

  ASSERT_EQ(p.size(), set.count());
  for (std::size_t i = 0; i < p.size(); ++i)
    EXPECT_NEAR(p[i], set.label[i] != 0 ? 1.0 : 0.65, 0.01) << i;
  EXPECT_THROW(patch_probabilities(DarkPixelNetwork(), PlainPatches(set, nullptr, 1, never),
                                   [] { return true; }),
               Interrupted);
}

TEST(PlainPatches, BeyondTheMemoryAreReadFromAFileThatIsCutOnce) {
  const test::TempFolder folder;
  const auto slide = Slide::open(test::draw_slide(folder.path(), test::small_slide()), {});
  SlideCollection slides;
  slides.add(slide);
  PatchSet set;
  set.slides.push_back({slide.info().name, slide.info().identity, "case", CaseSet::Training});
  for (int i = 0; i < 9; ++i) {
    set.slide.push_back(0);
    set.at.push_back({60 * i, 500 - 50 * i});  // some beyond the border
    set.label.push_back(static_cast<std::uint8_t>(i % 2));
    set.in_pool.push_back(-1);
  }
  const auto pixels = [](const PlainPatches& patches) {
    std::vector<float> out(std::size_t{3} * 100 * 100 * patches.count());
    for (std::size_t i = 0; i < patches.count(); ++i)
      patches.get(i, std::span(out).subspan(i * 30000, 30000));
    return out;
  };
  const auto scratch = folder.path() / "scratch";
  const double two = 2.5 * plain_patches_mib(1);
  const auto whole = pixels(PlainPatches(set, &slides, 100, never, scratch));
  EXPECT_FALSE(std::filesystem::exists(scratch)) << "all of them fit";

  EXPECT_EQ(pixels(PlainPatches(set, &slides, two, never)), whole);
  EXPECT_EQ(pixels(PlainPatches(set, &slides, two, never, scratch)), whole);
  ASSERT_TRUE(std::filesystem::exists(scratch / "validation.h5"));
  const auto written = std::filesystem::last_write_time(scratch / "validation.h5");
  EXPECT_EQ(pixels(PlainPatches(set, &slides, two, never, scratch)), whole);
  EXPECT_EQ(std::filesystem::last_write_time(scratch / "validation.h5"), written);
  EXPECT_EQ(pixels(PlainPatches(set, &slides, 0, never, scratch)), whole) << "another file is due";
}

TEST(PlainPatches, WithoutPixelsNeedSlides) {
  auto set = drawn_patches("case", 1, 2);
  set.rgb = {};
  EXPECT_THROW(PlainPatches(set, nullptr, 1, never), DataError);
}

TEST(CheckClasses, NamesWhatIsWrong) {
  const auto good = drawn_patches("case", 1, 4);
  EXPECT_EQ(test::problem([&] { check_classes(good, "validation"); }), "no error");
  auto set = good;
  for (auto& label : set.label) label = 1;
  EXPECT_THAT(test::problem([&] { check_classes(set, "validation"); }),
              HasSubstr("the validation patches hold none with label 0"));
  set = good;
  set.label[3] = 2;
  EXPECT_THAT(test::problem([&] { check_classes(set, "validation"); }),
              HasSubstr("slide_case0(3,103) has label 2"));
}

TEST(PatchSetCases, AreThoseOfItsPatchesOnly) {
  auto set = drawn_patches("case", 3, 2);
  set.slides.push_back({"unused", "unused", "unused", CaseSet::Training});
  EXPECT_EQ(cases_of(set), (std::vector<std::string>{"case0", "case1", "case2"}));
}

}  // namespace
}  // namespace mito::nn
