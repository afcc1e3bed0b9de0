#include "nodes/reference/evaluate_reference/evaluate_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito::evaluate_reference {
namespace {

using Status = RegisteredObject::Status;
using Verdict = ReferenceObject::Verdict;

constexpr Grid kGrid{1, 1, 0.25, 4000, 4000};

/// Places on the PHH3 slide are 100 px right of those on the H&E slide, and the first mitosis is
/// another 8 px (2 um) off.
const std::vector<PhantomObject> kTruth{
    {ObjectClass::Mitosis, {100, 100}, {208, 100}, true},
    {ObjectClass::Mitosis, {900, 900}, {1000, 900}, false},
    {ObjectClass::Nonspecific, {500, 100}, {600, 100}, true},
    {ObjectClass::Artefact, {700, 100}, {800, 100}, true},
};

Spot spot(double x, double y) {
  Spot out;
  out.center = {x, y};
  return out;
}

struct Example {
  SpotSet spots{kGrid, 0.3, {spot(210, 100), spot(600, 102), spot(800, 100), spot(1500, 1500)}};
  SpotScores mitoses{{0.9F, 0.6F, 0.1F, 0.2F}, 0.5, ""};
  SpotScores artefacts{{0.9F, 0.4F, 0.7F, 0.2F}, 0.5, ""};
  GlobalRegistration global;
  LocalRegistration local;
  ReferenceStandard reference{kGrid, {}, 4, 2};

  Example() {
    global.he_from_phh3 = {1, 0, -100, 0, 1, 0};
    local.items = {{0, {210, 100}, {102, 100}, -2, 0, 0.5, 9, Status::Accepted},
                   {1, {600, 102}, {500, 102}, 0, 0, 0.5, 9, Status::Accepted}};
    for (const auto& o : local.items)
      reference.items.push_back({o.spot, o.phh3, o.he, 0.9, o.status, Verdict::Accepted});
  }
  Comparison comparison() const {
    return compare({}, kTruth, spots, mitoses, &artefacts, global, local, reference);
  }
  nlohmann::json compared() const { return nlohmann::json::parse(to_json(comparison())); }
};

TEST(EvaluateReference, SaysWhatTheSpotsTrulyAre) {
  const auto json = Example().compared()["candidates"];

  EXPECT_EQ(json["spots"], 4);
  EXPECT_EQ(json["mitoses"], 1);
  EXPECT_EQ(json["nonspecific"], 1);
  EXPECT_EQ(json["artefacts"], 2);
}

TEST(EvaluateReference, MeasuresBothNetworksOnTheSpots) {
  const auto json = Example().compared()["candidates"];

  EXPECT_EQ(json["cnn2"]["tp"], 1);
  EXPECT_EQ(json["cnn2"]["fp"], 1);
  EXPECT_EQ(json["cnn2"]["fn"], 0);
  EXPECT_EQ(json["cnn1"]["tp"], 1);
  EXPECT_EQ(json["cnn1"]["fp"], 1);
  EXPECT_EQ(json["cnn1"]["fn"], 1);
}

TEST(EvaluateReference, ComparesThePointsWithAllAndWithBrownMitoses) {
  const auto json = Example().compared()["reference"];

  EXPECT_EQ(json["all_mitoses"]["tp"], 1);
  EXPECT_EQ(json["all_mitoses"]["fp"], 1);
  EXPECT_EQ(json["all_mitoses"]["fn"], 1);
  EXPECT_EQ(json["brown_mitoses"]["fn"], 0);
}

TEST(EvaluateReference, MeasuresTheRegistrationBeforeAndAfterTheLocalShift) {
  const auto json = Example().compared()["registration"];

  EXPECT_EQ(json["before_um"]["objects"], 1);
  EXPECT_DOUBLE_EQ(json["before_um"]["median"], 2);
  EXPECT_DOUBLE_EQ(json["after_um"]["median"], 0);
  EXPECT_EQ(json["before_um"]["values"].size(), 1U);
}

TEST(EvaluateReference, LeavesUndefinedNumbersNull) {
  Example example;
  example.local.items.clear();
  example.reference.items.clear();

  const auto json = example.compared();

  EXPECT_TRUE(json["registration"]["after_um"]["median"].is_null());
  EXPECT_TRUE(json["reference"]["all_mitoses"]["precision"].is_null());
}

TEST(EvaluateReference, AStudyAddsUpCountsAndPoolsDistances) {
  Example first;
  first.global.psr = 9;
  Example second;
  second.global.psr = 12;
  second.reference.items.pop_back();  // the wrong one
  Study study;
  study.add(first.comparison());
  study.add(second.comparison());

  const auto json = nlohmann::json::parse(study.to_json());

  EXPECT_EQ(json["pairs"], 2);
  EXPECT_EQ(json["psr"], nlohmann::json({9, 12}));
  EXPECT_EQ(json["candidates"]["spots"], 8);
  EXPECT_EQ(json["candidates"]["cnn1"]["fn"], 2);
  EXPECT_EQ(json["reference"]["brown_mitoses"]["tp"], 2);
  EXPECT_EQ(json["reference"]["brown_mitoses"]["fp"], 1);
  EXPECT_DOUBLE_EQ(json["reference"]["brown_mitoses"]["precision"], 2.0 / 3);
  EXPECT_EQ(json["registration"]["before_um"]["values"].size(), 2U);
  EXPECT_THAT(study.to_markdown(),
              ::testing::HasSubstr("| reference against brown mitoses | 0.667 | 1.000 | 0.800 |"));
}

TEST(EvaluateReference, AStudyOfNoPairSaysSo) {
  EXPECT_THAT(Study().to_markdown(), ::testing::StartsWith("No pair"));
  EXPECT_TRUE(nlohmann::json::parse(Study().to_json())["psr"].is_null());
}

TEST(EvaluateReference, FindsTheTruthOfASlideByName) {
  const FileList files{{"t/a_truth.csv", "t/b_truth.csv"}};

  EXPECT_EQ(truth_of(files, "b_he"), "t/b_truth.csv");
  EXPECT_THROW(truth_of(files, "c_he"), DataError);
}

}  // namespace
}  // namespace mito::evaluate_reference
