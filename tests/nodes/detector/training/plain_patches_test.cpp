#include "nodes/detector/training/plain_patches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/nn/fake_network.h"
#include "tests/nodes/detector/training/drawn_patches.h"
#include "tests/support/problem.h"

namespace mito::nn {
namespace {

using ::testing::HasSubstr;

bool never() { return false; }

TEST(PlainPatches, AreTheMiddleOfThePatchWithTheObjectAtFifty) {
  auto set = drawn_patches("case", 1, 2);
  set.rgb[(64 * 128 + 64) * 3 + 1] = 51;  // green of the object of the first patch
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

TEST(PlainPatches, WithoutPixelsNeedSlides) {
  auto set = drawn_patches("case", 1, 2);
  set.rgb.clear();
  EXPECT_THROW(PlainPatches(set, nullptr, 1, never), DataError);
}

TEST(CheckClasses, NamesWhatIsWrong) {
  const auto good = drawn_patches("case", 1, 4);
  EXPECT_EQ(testing::problem([&] { check_classes(good, "validation"); }), "no error");
  auto set = good;
  for (auto& label : set.label) label = 1;
  EXPECT_THAT(testing::problem([&] { check_classes(set, "validation"); }),
              HasSubstr("the validation patches hold none with label 0"));
  set = good;
  set.label[3] = 2;
  EXPECT_THAT(testing::problem([&] { check_classes(set, "validation"); }),
              HasSubstr("slide_case0(3,103) has label 2"));
}

TEST(PatchSetCases, AreThoseOfItsPatchesOnly) {
  auto set = drawn_patches("case", 3, 2);
  set.slides.push_back({"unused", "unused", "unused", CaseSet::Training});
  EXPECT_EQ(cases_of(set), (std::vector<std::string>{"case0", "case1", "case2"}));
}

}  // namespace
}  // namespace mito::nn
