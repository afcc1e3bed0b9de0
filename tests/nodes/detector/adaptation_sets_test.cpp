#include "nodes/detector/adaptation_sets/adaptation_sets.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/image/geometric.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/problem.h"

namespace mito::adaptation_sets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kBytes = std::size_t{3} * image::kPatchSize * image::kPatchSize;

/// Patch i is all of value i, mitotic where i is even.
LabelledPlaces labelled(const std::vector<std::string>& cases) {
  LabelledPlaces out;
  out.patches.size = image::kPatchSize;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    out.patches.rgb.insert(out.patches.rgb.end(), kBytes, static_cast<std::uint8_t>(i));
    out.patches.labels.push_back(i % 2 == 0 ? 1 : 0);
    out.patches.samples.push_back("s" + std::to_string(i));
    out.patches.cases.push_back(cases[i]);
    out.images.push_back(std::string(64, cases[i].back()));
    out.weights.push_back(1);
  }
  return out;
}

/// `positives` of the first label, `negatives` of the other, all of value 200.
PatchSet replay(std::size_t positives, std::size_t negatives) {
  PatchSet out;
  out.size_px = image::kPatchSize;
  out.slides.push_back({"old", "", "old", CaseSet::Training});
  for (std::size_t i = 0; i < positives + negatives; ++i) {
    out.slide.push_back(0);
    out.at.push_back({64, 64});
    out.label.push_back(i < positives ? 1 : 0);
    out.in_pool.push_back(static_cast<std::int64_t>(i));
  }
  out.rgb = SharedPixels(std::vector<std::uint8_t>(kBytes * out.count(), 200));
  return out;
}

TEST(AdaptationSets, LeaveOutOneFoldEach) {
  Params params;
  params.leave_out = "folds";

  const auto out = sets(params, labelled({"a", "a", "b", "b", "c", "c"}), nullptr);

  ASSERT_EQ(out.size(), 3U);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(out[k].count(), 4U);
    EXPECT_EQ(out[k].seed, k + 1);
    EXPECT_THAT(out[k].in_pool, ElementsAre(-1, -1, -1, -1));
    for (const auto& slide : out[k].slides)
      EXPECT_NE(slide.case_id, std::string(1, static_cast<char>('a' + k)));
  }
  // Positives first; the pixels are those of the patches.
  EXPECT_THAT(out[0].label, ElementsAre(1, 1, 0, 0));
  EXPECT_EQ(out[0].rgb[0], 2);
  EXPECT_EQ(out[0].rgb[2 * kBytes], 3);
  EXPECT_EQ(out[0].slides[0].identity, std::string(64, 'b'));
}

TEST(AdaptationSets, RepeatLabelledPatchesUntilTheyHaveTheirShareOfEachClass) {
  const auto old = replay(20, 8);

  const auto out = sets({}, labelled({"a", "a", "a", "b"}), &old);

  ASSERT_EQ(out.size(), 1U);
  std::int64_t positives = 0;
  std::int64_t negatives = 0;
  for (std::size_t i = 0; i < out[0].count(); ++i)
    if (out[0].in_pool[i] < 0) ++(out[0].label[i] == 1 ? positives : negatives);
  EXPECT_EQ(positives, 20) << "two, ten times";
  EXPECT_EQ(negatives, 8) << "two, four times";
  EXPECT_EQ(out[0].count(), 56U);
  EXPECT_EQ(out[0].rgb.size(), 56 * kBytes);
  EXPECT_EQ(out[0].rgb[55 * kBytes], 200);
  EXPECT_EQ(out[0].slides[out[0].slide.back()].name, "old");
}

TEST(AdaptationSets, RefusePatchesOfAnotherSize) {
  auto small = labelled({"a", "b"});
  small.patches.size = 64;
  EXPECT_THAT(test::problem([&] { sets({}, small, nullptr); }), HasSubstr("expected 128 px"));
}

class ReplayOfSlides : public ::testing::Test {
 protected:
  SlideDetections found(const std::string& name) const {
    auto params = test::small_slide();
    params.name = name;
    const Slide slide = Slide::open(test::draw_slide(folder_.path(), params), {});
    SlideDetections out{slide, {slide.analysis_grid(), {}, 0.05, 0}};
    for (int i = 0; i < 10; ++i)
      out.detections.items.push_back({{100.0 + 30 * i, 100.0 + 20 * i}, i < 4 ? 0.9 : 0.2, 9});
    return out;
  }
  test::TempFolder folder_;
};

TEST_F(ReplayOfSlides, TakesWhatTheNetworkCallsAMitosisAndWhatNot) {
  ReplayParams params;
  params.most = 5;
  Replay replay(params, "replay", 0.85);
  const auto one = found("one");
  replay.add(0, one);
  replay.add(1, found("two"));

  const auto out = replay.patches();

  EXPECT_EQ(std::ranges::count(out.label, 1), 5) << "of 8";
  EXPECT_EQ(std::ranges::count(out.label, 0), 5) << "of 12";
  EXPECT_TRUE(std::ranges::all_of(out.in_pool, [](auto number) { return number >= 0; }));
  EXPECT_EQ(out.slides[0].identity, one.slide.info().identity);
  const auto& at = out.at[0];
  const auto pixels = one.slide.read(one.slide.analysis_grid(), {at.x - 64, at.y - 64, 128, 128});
  ASSERT_EQ(out.slide[0], 0U);
  EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), out.rgb.data()));
}

TEST_F(ReplayOfSlides, NeedsADetection) {
  Replay replay({}, "replay", 0.85);
  EXPECT_THAT(test::problem([&] { replay.patches(); }), HasSubstr("nothing to replay"));
}

}  // namespace
}  // namespace mito::adaptation_sets
