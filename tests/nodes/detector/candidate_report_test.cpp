#include "nodes/detector/candidate_report/candidate_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mito::candidate_report {
namespace {

const std::vector<Row> kRows{{"a,b", "c1", {4, 3, 2, 100, 5, 90, 0.5, 25, 7.5}},
                             {"second", "c2", {0, 0, 0, 30, 0, 30, 0, 25, 7.5}}};

TEST(CandidateReport, HasALinePerSlideAndLeavesOutWhatIsUndefined) {
  EXPECT_EQ(to_csv(kRows),
            "slide,case,references,found_wide,found_close,recall_wide,recall_close,candidates,"
            "tissue_mm2,candidates_per_mm2,positives,negatives,negatives_per_positive\n"
            "\"a,b\",c1,4,3,2,0.75,0.5,100,0.5,200,5,90,18\n"
            "second,c2,0,0,0,,,30,,,0,30,\n");
}

TEST(CandidateReport, TotalsAreOverAllSlidesAndDensityOverKnownTissue) {
  const auto json = nlohmann::json::parse(to_json(kRows));

  EXPECT_EQ(json["wide_um"], 25);
  EXPECT_EQ(json["close_um"], 7.5);
  EXPECT_EQ(json["total"]["slides"], 2);
  EXPECT_EQ(json["total"]["recall_wide"], 0.75);
  EXPECT_EQ(json["total"]["recall_close"], 0.5);
  EXPECT_EQ(json["total"]["candidates"], 130);
  EXPECT_EQ(json["total"]["candidates_per_mm2"], 200);
  EXPECT_EQ(json["total"]["negatives_per_positive"], 24);
  EXPECT_FALSE(json["total"].contains("undefined"));
}

TEST(CandidateReport, SaysWhyAFigureIsUndefined) {
  const auto second = nlohmann::json::parse(to_json(kRows))["slides"][1];

  EXPECT_TRUE(second["recall_wide"].is_null());
  EXPECT_TRUE(second["candidates_per_mm2"].is_null());
  EXPECT_EQ(second["undefined"]["recall_close"], "no reference object");
  EXPECT_EQ(second["undefined"]["negatives_per_positive"], "no positive");
  EXPECT_TRUE(nlohmann::json::parse(to_json({}))["total"]["recall_wide"].is_null());
}

}  // namespace
}  // namespace mito::candidate_report
