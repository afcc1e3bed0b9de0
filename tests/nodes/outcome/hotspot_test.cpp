#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "nodes/outcome/hotspot/hotspot_of_slide.h"

namespace mito::hotspot {
namespace {

/// Detections at one place of a slide of 4 x 4 mm, of these scores, from the lowest on.
DetectionSet detections(std::initializer_list<double> scores) {
  DetectionSet out{{1, 1, 0.25, 16000, 16000}, {}, *scores.begin(), std::ssize(scores)};
  for (const double score : scores) out.items.push_back({{8000, 8000}, score, 9});
  return out;
}

TEST(Hotspot, CountsAllDetectionsUnlessTold) {
  EXPECT_EQ(find({}, detections({0.919, 0.95, 0.97, 0.99}), nullptr).count_p95, 4);
}

TEST(Hotspot, CountsFromItsOwnThresholdOn) {
  Params params;
  params.min_probability = 0.97;

  const auto hotspot = find(params, detections({0.919, 0.95, 0.97, 0.99}), nullptr);

  EXPECT_EQ(hotspot.count_p95, 2);  // >= delta
  EXPECT_EQ(hotspot.count_max, 2);
}

TEST(Hotspot, RefusesAThresholdBelowTheDetections) {
  Params params;
  params.min_probability = 0.9;
  try {
    find(params, detections({0.919, 0.95}), nullptr);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("start at 0.919; min_probability 0.9"));
  }
}

}  // namespace
}  // namespace mito::hotspot
