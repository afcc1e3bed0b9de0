#include "nodes/outcome/evaluate_outcome/evaluate_outcome.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "nodes/outcome/study/study_origin.h"

namespace mito::evaluate_outcome {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

stats::SlideCounts slide(const std::string& name, double count, double proliferation, int grade) {
  stats::SlideCounts out;
  out.name = out.identity = name;
  out.case_id = "case-" + name;
  out.centre = count > 10 ? "Utrecht" : "Nijmegen";
  out.thresholds = {0.95, 0.97};
  out.counts = {count + 10, count};
  out.proliferation = proliferation;
  out.grade = grade;
  return out;
}

std::vector<stats::SlideCounts> study() {
  return {slide("a", 2, 0.1, 1),  slide("b", 6, 0.2, 1),  slide("c", 7, 0.3, 2),
          slide("d", 20, 0.5, 2), slide("e", 21, 0.4, 3), slide("f", 40, 0.9, 3)};
}

TEST(EvaluateOutcome, ComparesCountsWithScoresAndGradesWithGrades) {
  const auto json = Json::parse(measure({}, study(), nullptr, {}).json);

  const auto& total = json["total"];
  EXPECT_NEAR(total["spearman"]["value"], 33.0 / 35, 1e-12);  // one neighbouring pair swapped
  EXPECT_EQ(total["quadratic_kappa"]["value"], 1);
  EXPECT_EQ(total["grades_by_reference"], Json::parse("[[2,0,0],[0,2,0],[0,0,2]]"));
  EXPECT_LT(total["spearman"]["fisher95"][0], 0.9);
  EXPECT_GT(total["spearman"]["fisher95"][1], 0.98);
  EXPECT_LE(total["spearman"]["bootstrap95"][0], 33.0 / 35);
  ASSERT_EQ(json["centres"].size(), 2U);
  EXPECT_EQ(json["centres"][1]["slides"], 3);
}

// The paper's Table I, and an interval that is hardly one.
TEST(EvaluateOutcome, SaysOnWhatAndOnHowFewCases) {
  CohortTable table;
  CohortRow row;
  row.slide = "a";
  row.purpose = "test";
  row.centre = "Utrecht";
  table.rows.push_back(row);

  const auto json = Json::parse(
      measure({}, {slide("a", 2, 0.1, 1), slide("b", 6, 0.2, 2)}, nullptr, {"", &table}).json);

  ASSERT_EQ(json["data"].size(), 1U);
  EXPECT_EQ(json["data"][0]["purpose"], "test");
  EXPECT_EQ(json["data"][0]["slides"], 1);
  EXPECT_TRUE(json["data"][0]["scanner"].is_null());
  EXPECT_EQ(json["total"]["quadratic_kappa"]["bootstrap95_note"],
            "the interval is one over two cases: it ends at the values of the two");
  EXPECT_FALSE(Json::parse(measure({}, study(), nullptr, {}).json).contains("data"));
}

TEST(EvaluateOutcome, RefusesTheThresholdOfDetections) {
  Tuning tuning;
  tuning.measure = "f1";
  tuning.min_probability = 0.95;

  EXPECT_THROW(measure({}, study(), &tuning, {}), DataError);
}

TEST(EvaluateOutcome, ATuningDecidesAllThreeThresholds) {
  Tuning tuning;
  tuning.measure = "spearman";
  tuning.min_probability = 0.95;
  tuning.has_grades = true;
  tuning.grade1_max_count = 12;
  tuning.grade2_max_count = 17;
  tuning.cases = {"x"};

  const auto report = measure({}, study(), &tuning, {});

  EXPECT_THAT(report.slides, HasSubstr("c,case-c,Nijmegen,,17,2,2,0.3,\"not stated\",0.95,12,17,"
                                       "\"tuning on 1 cases by spearman: x\",no\n"));
  EXPECT_EQ(Json::parse(report.json)["optimistic"], false);
}

TEST(EvaluateOutcome, EveryRowSaysWhereTheThresholdsWereChosen) {
  Params params;
  params.threshold_chosen_on = "same data";

  const auto report = measure(params, study(), nullptr, {});

  EXPECT_THAT(report.agreement, HasSubstr("\ntotal,,quadratic_kappa,6,6,1,"));
  EXPECT_THAT(report.agreement, HasSubstr(",\"not stated\",0.97,6,20,\"same data\",yes\n"));
  EXPECT_EQ(Json::parse(report.json)["optimistic"], true);
}

TEST(EvaluateOutcome, ShufflingSlidesChangesNoByte) {
  auto shuffled = study();
  std::ranges::reverse(shuffled);

  const auto a = measure({}, study(), nullptr, {});
  const auto b = measure({}, shuffled, nullptr, {});

  EXPECT_EQ(a.json, b.json);
  EXPECT_EQ(a.agreement, b.agreement);
  EXPECT_EQ(a.slides, b.slides);
}

TEST(EvaluateOutcome, SlidesWithoutAReferenceTakeNoPartInItsMeasure) {
  auto slides = study();
  slides[0].grade.reset();
  for (auto& one : slides) one.proliferation.reset();

  const auto json = Json::parse(measure({}, slides, nullptr, {}).json);

  EXPECT_EQ(json["total"]["quadratic_kappa"]["slides"], 5);
  EXPECT_TRUE(json["total"]["spearman"]["value"].is_null());
  EXPECT_EQ(json["total"]["spearman"]["undefined"], "fewer than two slides have a reference");
}

TEST(EvaluateOutcome, RefusesAThresholdThatWasNotCounted) {
  Params params;
  params.min_probability = 0.96;

  try {
    measure(params, study(), nullptr, {});
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("slide 'a' was not counted at threshold 0.96, only at 2"));
  }
  EXPECT_THROW(measure({}, {}, nullptr, {}), DataError);
  params.grade1_max_count = 20;
  EXPECT_THAT(check(params), HasSubstr("must be less than grade2_max_count"));
}

/// A network whose own threshold was chosen by cross-validation.
nn::StudyOrigin of_network(double threshold) {
  nn::StudyOrigin origin;
  origin.model_threshold = threshold;
  origin.model_threshold_source = "cross-validation";
  return origin;
}

TEST(EvaluateOutcome, TheThresholdOfTheModelIsCountedAtUnlessAnotherIsTold) {
  const auto own = nn::for_model(Params{}, of_network(0.85));
  EXPECT_EQ(own.min_probability, 0.85);
  EXPECT_EQ(own.threshold_chosen_on, "cross-validation (model file)");

  EXPECT_EQ(nn::for_model(Params{.min_probability = 0.9}, of_network(0.85)).min_probability, 0.9);
}

}  // namespace
}  // namespace mito::evaluate_outcome
