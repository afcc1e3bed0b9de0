#include "nodes/outcome/counting/counting.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/problem.h"
#include "tests/support/temp_folder.h"

namespace mito::counting {
namespace {

using nlohmann::json;
using test::problem;
using ::testing::HasSubstr;

/// `n` detections at one place of a slide of 4 x 4 mm, each of this score.
DetectionSet detections(int n, double score) {
  DetectionSet out{{1, 1, 0.25, 16000, 16000}, {}, 0.5, n};
  for (int i = 0; i < n; ++i) out.items.push_back({{8000, 8000}, score, 9});
  return out;
}

std::filesystem::path write(const test::TempFolder& folder, const std::string& rows) {
  std::ofstream(folder / "calibration.csv") << "low,high,detections,mean_score,share_true\n"
                                            << rows;
  return folder / "calibration.csv";
}

TEST(Counting, GivesCountsPerCircleAndPerSquareMillimetre) {
  TissueMask mask;
  mask.area_mm2 = 8;
  const auto report = json::parse(to_json({}, "s", detections(20, 1), &mask, {}));

  EXPECT_EQ(report["per_mm2"], 2.5);
  EXPECT_EQ(report["hotspot"]["count_max"], 20);
  EXPECT_EQ(report["hotspot"]["max_per_mm2"], 10);
  EXPECT_EQ(report["hotspot"]["p95_per_mm2"], 10);
  ASSERT_EQ(report["densest"].size(), 1U);
  EXPECT_EQ(report["densest"][0]["per_mm2"], 10);
  EXPECT_TRUE(json::parse(to_json({}, "s", detections(1, 1), nullptr, {}))["per_mm2"].is_null());
}

TEST(Counting, WithoutDetectionsIsZeroThroughout) {
  const auto report = json::parse(to_json({}, "s", detections(0, 1), nullptr, {}));

  EXPECT_EQ(report["hotspot"]["count_max"], 0);
  EXPECT_TRUE(report["densest"].empty());
  EXPECT_EQ(report["uncertainty"]["mitoses"], json({0, 0}));
}

TEST(Uncertainty, OfCertainDetectionsIsNone) {
  const auto found = study::uncertainty({}, detections(20, 1), nullptr, {});

  EXPECT_EQ(found.expected, 20);
  EXPECT_EQ(found.detections->low, 20);
  EXPECT_EQ(found.count_max->high, 20);
}

/// Kept with p = 0.5: binomial, mean 50, sd 5; the middle 95 % are 50 -+ 9.8.
TEST(Uncertainty, IsThatOfABinomialForOneProbability) {
  Params params;
  params.replicates = 2000;
  params.step_um = 500;

  const auto found = study::uncertainty(params, detections(100, 0.5), nullptr, {});

  EXPECT_EQ(found.expected, 50);
  EXPECT_NEAR(found.detections->low, 40.2, 1.6);
  EXPECT_NEAR(found.detections->high, 59.8, 1.6);
  EXPECT_EQ(found.count_max->low, found.detections->low);
}

TEST(Uncertainty, IsTheSameForTheSameSeedAndUndefinedWithoutResamples) {
  Params params;
  params.replicates = 50;
  const auto one = study::uncertainty(params, detections(30, 0.5), nullptr, {});
  const auto two = study::uncertainty(params, detections(30, 0.5), nullptr, {});
  EXPECT_EQ(one.detections->low, two.detections->low);
  EXPECT_EQ(one.count_p95->high, two.count_p95->high);

  params.replicates = 0;
  EXPECT_FALSE(uncertainty(params, detections(30, 0.5), nullptr, {}).count_max.has_value());
}

TEST(CalibrationTable, GivesTheShareOfTheRange) {
  const test::TempFolder folder;
  const study::ScoreCalibration table(
      write(folder, "0,0.5,0,,\n0.5,0.9,8,0.7,0.25\n0.9,1,5,0.95,0.8\n"));

  EXPECT_EQ(table.probability(0.5), 0.25);
  EXPECT_EQ(table.probability(0.9), 0.8);
  EXPECT_EQ(table.probability(1), 0.8);
  EXPECT_EQ(table.probability(0.3), 0.3) << "no detection there: the score itself";
  EXPECT_EQ(study::ScoreCalibration().probability(0.7), 0.7);
  EXPECT_EQ(uncertainty({}, detections(4, 0.95), nullptr, table).expected, 3.2);
}

TEST(CalibrationTable, AMistakeIsNamedWithItsLine) {
  const test::TempFolder folder;

  EXPECT_THAT(
      problem([&] { study::ScoreCalibration(write(folder, "0,0.5,0,,\n0.6,1,1,0.7,0.5\n")); }),
      HasSubstr("calibration.csv:3:1: expected a range from 0.5 on"));
  EXPECT_THAT(problem([&] { study::ScoreCalibration(write(folder, "0,1,1,0.7,1.5\n")); }),
              HasSubstr("calibration.csv:2:11: expected a share from 0 to 1"));
  EXPECT_THAT(problem([&] { study::ScoreCalibration(write(folder, "")); }),
              HasSubstr("has no ranges"));
}

TEST(CalibrationTable, NumbersThatDoNotFitEachOtherAreDamage) {
  const test::TempFolder folder;

  for (const char* row : {"0,1,5,0.7,0.9\n", "0,1,0,,0.8\n", "0,1,5,0.7,\n", "0,1,-5,0.7,0.8\n"})
    EXPECT_THAT(problem([&] { study::ScoreCalibration(write(folder, row)); }),
                HasSubstr("calibration.csv:2:5: does not fit the share in this row"));
  EXPECT_THAT(problem([&] { study::ScoreCalibration(write(folder, "0,0.5,5,0.7,0.8\n")); }),
              HasSubstr("calibration.csv:2:9: lies outside the range in this row"));
}

}  // namespace
}  // namespace mito::counting
