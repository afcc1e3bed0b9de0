#include "nodes/outcome/evaluate/evaluate.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito::evaluate {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Evaluate : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("eval_") + info->name());
    std::filesystem::create_directories(folder_);
    detections_.grid = {.scale_x = 1, .scale_y = 1, .mpp = 0.25, .width = 1000, .height = 1000};
    detections_.min_probability = 0.5;
    // A hit, a duplicate of it, and a miss.
    detections_.items = {{{100, 100}, 0.9, 10}, {{100, 110}, 0.8, 10}, {{500, 500}, 0.7, 10}};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path truth(const std::string& content) const {
    const auto file = folder_ / "truth.csv";
    std::ofstream(file) << content;
    return file;
  }
  json compared(const std::filesystem::path& file) const {
    return json::parse(compare(params_, detections_, subject_, file).json);
  }

  std::filesystem::path folder_;
  Params params_;
  DetectionSet detections_;
  Subject subject_{"S1", "/slides/S1.tif"};
};

TEST_F(Evaluate, TruthMayCountFromTheCornerOfWhatWasScanned) {
  subject_.bounds_corner = {60, 40};
  const auto file = truth("x,y\n41,60\n");

  EXPECT_EQ(compared(file)["rules"]["any_hit"]["tp"], 0);
  params_.truth_origin = "bounds";
  EXPECT_EQ(compared(file)["rules"]["any_hit"]["tp"], 1);
}

TEST_F(Evaluate, CountsUnderEveryRule) {
  const json report = compared(truth("x,y\n101,100\n800,800\n"));

  EXPECT_EQ(report["truth"]["objects"], 2);
  const json any_hit = report["rules"]["any_hit"];
  EXPECT_EQ(any_hit["tp"], 1);
  EXPECT_EQ(any_hit["fp"], 1);  // the duplicate is forgiven
  EXPECT_EQ(any_hit["fn"], 1);
  EXPECT_EQ(any_hit["f1"], 0.5);
  for (const auto* rule : {"nearest_per_truth", "confidence_greedy", "optimal"}) {
    EXPECT_EQ(report["rules"][rule]["tp"], 1);
    EXPECT_EQ(report["rules"][rule]["fp"], 2);
  }
}

TEST_F(Evaluate, MeasuresInMicrometres) {
  detections_.grid = {.scale_x = 2, .scale_y = 2, .mpp = 0.25, .width = 500, .height = 500};

  // 60 level-0 px at 0.125 um/px are 7.5 um: just in reach; 61 are not.
  EXPECT_EQ(compared(truth("x,y\n100,40\n"))["rules"]["any_hit"]["tp"], 1);
  EXPECT_EQ(compared(truth("x,y\n100,39\n"))["rules"]["any_hit"]["tp"], 0);
}

TEST_F(Evaluate, SaysWhatWasMeasuredAndHow) {
  const json report = compared(truth("x,y\n101,100\n"));

  EXPECT_EQ(report["slide"], "S1");
  EXPECT_EQ(report["cases"], 1);
  EXPECT_EQ(report["detections"], 3);
  EXPECT_EQ(report["match_um"], 7.5);
  EXPECT_EQ(report["threshold"], 0.5);
  EXPECT_EQ(report["threshold_chosen_on"], "not stated");
  EXPECT_TRUE(report["optimistic"].is_null());
}

TEST_F(Evaluate, MarksAThresholdChosenOnTheSameSlideAsOptimistic) {
  const auto file = truth("x,y\n101,100\n");
  params_.threshold_chosen_on = "S1.tif";
  EXPECT_EQ(compared(file)["optimistic"], true);
  params_.threshold_chosen_on = "same data";
  EXPECT_EQ(compared(file)["optimistic"], true);
  params_.threshold_chosen_on = "validation frames";
  EXPECT_EQ(compared(file)["optimistic"], false);
}

TEST_F(Evaluate, TakesOnlyThePointsOfItsSlide) {
  const json report = compared(truth("image,x,y\nS1.tif,101,100\nS2.tif,500,500\n"));

  EXPECT_EQ(report["truth"]["objects"], 1);
  EXPECT_EQ(report["rules"]["any_hit"]["fp"], 1);
}

TEST_F(Evaluate, LeavesOutPointsWithOtherLabels) {
  const json report =
      compared(truth("x,y,label\n101,100,mitosis\n500,500,non_mitosis\n700,700,\n"));

  EXPECT_EQ(report["truth"]["objects"], 2);
  EXPECT_EQ(report["truth"]["other_labels"], 1);
  EXPECT_EQ(report["rules"]["any_hit"]["fp"], 1);
}

TEST_F(Evaluate, CountsPointsOutsideTheSlide) {
  EXPECT_EQ(compared(truth("x,y\n101,100\n5000,1\n"))["truth"]["outside_slide"], 1);
}

TEST_F(Evaluate, WithoutTruthSaysSoInsteadOfZero) {
  const auto report = compare(params_, detections_, subject_, {});
  const json content = json::parse(report.json);

  EXPECT_TRUE(content["truth"].is_null());
  EXPECT_EQ(content["reason"], "no truth was given");
  EXPECT_FALSE(content.contains("rules"));
  EXPECT_EQ(report.curve, "threshold,tp,fp,fn,precision,recall,f1\n");
}

TEST_F(Evaluate, ATruthThatDoesNotNameTheSlideIsNoTruth) {
  const json report = compared(truth("slide,x,y\nS2,101,100\n"));

  EXPECT_TRUE(report["truth"].is_null());
  EXPECT_EQ(report["reason"], "truth.csv has no points of slide S1.tif");
}

TEST_F(Evaluate, WarnsOfATruthThatNamesOtherSlidesOnly) {
  const auto warning = [&](const std::string& text) {
    return compare(params_, detections_, subject_, truth(text)).warning;
  };

  EXPECT_THAT(warning("slide,x,y\nS2,101,100\n"),
              ::testing::AllOf(::testing::HasSubstr("truth.csv has no row of slide 'S1'"),
                               ::testing::HasSubstr("it names 'S2'; did you mean 'S2'?")));
  EXPECT_THAT(warning("slide,x,y\n"), ::testing::HasSubstr("it names no slide"));
  EXPECT_EQ(warning("slide,x,y\nS1,,\n"), "");
  EXPECT_EQ(warning("x,y\n"), "");
}

TEST_F(Evaluate, FindsItsSlideHoweverTheTruthWritesItsName) {
  for (const char* name : {"/data/S1.tif", "C:\\slides\\S1.svs", "s1", "S1.ome.tif"})
    EXPECT_EQ(compared(truth("slide,x,y\n" + std::string(name) + ",101,100\n"))["truth"]["objects"],
              1)
        << name;
}

TEST_F(Evaluate, AnEmptyTruthOfThisSlideMeansNoMitosis) {
  const json report = compared(truth("x,y\n"));

  EXPECT_EQ(report["truth"]["objects"], 0);
  EXPECT_EQ(report["rules"]["any_hit"]["fp"], 3);
  EXPECT_TRUE(report["rules"]["any_hit"]["recall"].is_null());
  EXPECT_EQ(report["rules"]["any_hit"]["undefined"]["recall"], "no true mitosis");
}

TEST_F(Evaluate, ARowWithoutAPointSaysThatTheSlideHasNoMitosis) {
  const json report = compared(truth("slide,x,y\nS2,101,100\nS1,,\n"));

  EXPECT_EQ(report["truth"]["objects"], 0);
  EXPECT_EQ(report["rules"]["any_hit"]["fp"], 3);
}

TEST_F(Evaluate, WithoutDetectionsPrecisionIsNull) {
  detections_.items.clear();
  const json report = compared(truth("x,y\n101,100\n"));

  EXPECT_TRUE(report["rules"]["any_hit"]["precision"].is_null());
  EXPECT_EQ(report["rules"]["any_hit"]["f1"], 0.0);
  EXPECT_EQ(report["curve"]["best_f1"], 0.0);
  EXPECT_TRUE(report["curve"]["best_threshold"].is_null());
  EXPECT_EQ(report["curve"]["undefined"], "no detections");
}

TEST_F(Evaluate, CurveStartsAtTheThresholdOfTheDetections) {
  const auto report = compare(params_, detections_, subject_, truth("x,y\n101,100\n"));
  const json content = json::parse(report.json);

  std::istringstream lines(report.curve);
  std::string header;
  std::string first;
  std::getline(lines, header);
  std::getline(lines, first);
  EXPECT_EQ(first, "0.5,1,1,0,0.5,1,0.6666666666666666");
  EXPECT_THAT(report.curve, HasSubstr("\n0.9,1,0,0,1,1,1\n"));
  EXPECT_EQ(content["curve"]["lowest_threshold"], 0.5);
  EXPECT_EQ(content["curve"]["best_threshold"], 0.8);
  EXPECT_EQ(content["curve"]["best_f1"], 1.0);
}

TEST_F(Evaluate, TakesAnnotationsAsTheTruth) {
  const ImageAnnotations marked{
      "S1",
      "c1",
      {{{101, 100}, "mitosis"}, {{500, 500}, "hard_negative"}, {{800, 800}, "mitosis"}}};
  subject_.case_id = case_of_slide(params_, "S1", &marked);

  const json report = json::parse(compare(params_, detections_, subject_, {}, &marked).json);

  EXPECT_EQ(report["case"], "c1");
  EXPECT_TRUE(report["truth"]["file"].is_null());
  EXPECT_EQ(report["truth"]["objects"], 2);
  EXPECT_EQ(report["truth"]["other_labels"], 1);
  EXPECT_EQ(report["rules"]["any_hit"]["tp"], 1);
  EXPECT_EQ(report["rules"]["any_hit"]["fp"], 1);
  EXPECT_EQ(report["rules"]["any_hit"]["fn"], 1);
}

TEST_F(Evaluate, RefusesTwoTruths) {
  const ImageAnnotations marked{"S1", "", {}};
  const auto file = truth("x,y\n101,100\n");
  try {
    static_cast<void>(compare(params_, detections_, subject_, file, &marked));
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("either 'truth' or 'annotations'"));
  }
}

TEST_F(Evaluate, RefusesASlideOfACaseThatTheNetworkHasSeen) {
  params_.case_pattern = "^(S[0-9])";
  subject_.case_id = case_of_slide(params_, "S1_03", nullptr);
  const MeasuredImage image{subject_.name, subject_.case_id, ""};
  EXPECT_NO_THROW(refuse_seen({{"training", {"S2", "S3"}}, {"tuning", {"S4"}}}, image));
  for (const std::string role : {"training", "tuning"}) {
    const std::vector<std::string> seen{"S2", "S1"};
    const std::vector<std::string> other{"S3"};
    try {
      refuse_seen({{"training", role == "training" ? seen : other},
                   {"tuning", role == "tuning" ? seen : other}},
                  image);
      FAIL() << "no error";
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr("case 'S1' is in the " + role + " set"));
    }
  }
}

TEST_F(Evaluate, NamesTheLineOfAMistakeInTheTruth) {
  const auto file = truth("x,y\n1,2\n3,far\n");
  try {
    static_cast<void>(compare(params_, detections_, subject_, file));
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("truth.csv:3:3: column 'y': expected a number"));
  }
}

TEST_F(Evaluate, GivesTheReportAsTheLastOfItsFiles) {
  const auto report = compare(params_, detections_, subject_, {});

  const auto out = files(report);

  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].name, "evaluation_curve.csv");
  EXPECT_EQ(out[1].name, "evaluation.json");
  EXPECT_EQ(out[1].bytes, report.json);
}

}  // namespace
}  // namespace mito::evaluate
