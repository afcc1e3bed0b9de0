#include "nodes/outcome/hotspot_curve/hotspot_curve.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::hotspot_curve {
namespace {

using ::testing::HasSubstr;

constexpr Grid kGrid{1, 1, 0.25, 4000, 4000};

SlideInfo slide_info() {
  SlideInfo info;
  info.path = "slides/a.svs";
  info.name = info.path.stem().string();
  info.identity = "pixels of a";
  return info;
}

DetectionSet detections() {
  return {kGrid, {{{2000, 2000}, 0.98, 4}, {{2100, 2000}, 0.9, 4}, {{2200, 2000}, 0.9, 4}}, 0.8, 3};
}

CohortTable table() { return {"study.csv", {{"a", "7", "Utrecht", "", 2, 0.5}}}; }

TEST(HotspotCurve, CountsWhatReachesEachThreshold) {
  Params params;
  params.hotspot.percentile = 100;

  const auto out = count(params, slide_info(), detections(), nullptr, table());

  ASSERT_EQ(out.counts.size(), 200U);
  EXPECT_EQ(stats::count_at(out, 0.8), 3);
  EXPECT_EQ(stats::count_at(out, 0.9), 3);
  EXPECT_EQ(stats::count_at(out, 0.901), 1);
  EXPECT_EQ(stats::count_at(out, 0.981), 0);
  EXPECT_EQ(out.case_id, "7");
  EXPECT_EQ(out.centre, "Utrecht");
  EXPECT_EQ(out.grade, 2);
  EXPECT_EQ(out.proliferation, 0.5);
}

TEST(HotspotCurve, CountsAtTheThresholdOfTheNetworkToo) {
  Params params;
  params.hotspot.percentile = 100;
  const auto with = [&](double own) {
    return count(params, slide_info(), detections(), nullptr, table(), own);
  };

  const auto between = with(0.9125);
  ASSERT_EQ(between.counts.size(), 201U);
  EXPECT_TRUE(std::ranges::is_sorted(between.thresholds));
  EXPECT_EQ(stats::count_at(between, 0.9125), 1);

  EXPECT_EQ(with(0.9).counts.size(), 200U);  // on the grid
  EXPECT_EQ(with(0.7).counts.size(), 200U);  // the detections do not go down to it
}

TEST(HotspotCurve, EqualsTheHotspotOfThoseDetections) {
  auto kept = detections();
  kept.items.resize(1);

  const auto out = count({}, slide_info(), detections(), nullptr, table());

  EXPECT_EQ(stats::count_at(out, 0.95), stats::find_hotspot(kept, nullptr, {}).count_p95);
}

TEST(HotspotCurve, NeverRisesWithTheThreshold) {
  Params params;
  params.hotspot.exclude = "none";  // over the same positions at every threshold

  const auto out = count(params, slide_info(), detections(), nullptr, table());

  for (std::size_t i = 1; i < out.counts.size(); ++i) EXPECT_LE(out.counts[i], out.counts[i - 1]);
}

TEST(HotspotCurve, RefusesThresholdsBelowTheDetections) {
  try {
    count({.lowest = 0.5}, slide_info(), detections(), nullptr, table());
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("slide 'a' has only detections from 0.8 on"));
  }
  EXPECT_THAT(check({.lowest = 0.9, .highest = 0.8}), HasSubstr("must not be above"));
}

TEST(HotspotCurve, ATableWithoutTheSlideIsRefused) {
  EXPECT_THROW(count({}, slide_info(), detections(), nullptr, {"study.csv", {}}), DataError);
}

}  // namespace
}  // namespace mito::hotspot_curve
