#include "nodes/outcome/adaptation/adaptation.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/nn/architecture.h"
#include "nodes/outcome/adaptation/adaptation_report.h"
#include "nodes/outcome/adaptation/disagreement.h"
#include "tests/nn/fake_network.h"
#include "tests/support/problem.h"

namespace mito::adaptation {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::size_t> all(const Places& places) {
  std::vector<std::size_t> out(places.label.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

/// Two folds that a threshold near 0.5 and one near 0.2 would separate.
Places two_folds() {
  return {
      {0, 0, 0, 1, 1, 1}, {1, 1, 0, 1, 1, 0}, {1, 1, 1, 1, 1, 1}, {0.9, 0.7, 0.3, 0.35, 0.25, 0.1}};
}

TEST(BestThreshold, LiesBetweenTheScoresThatItSeparates) {
  const Places places{{0, 0, 0, 0}, {1, 1, 0, 0}, {1, 1, 1, 1}, {0.9, 0.6, 0.4, 0.1}};
  // 0.6 and 0.4 are at equal distances of 0.5 in logits.
  EXPECT_NEAR(best_threshold(places, all(places)).value(), 0.5, 1e-12);
}

TEST(BestThreshold, CountsAPlaceAsOftenAsItStandsFor) {
  Places places{{0, 0, 0, 0}, {1, 0, 1, 0}, {1, 1, 1, 1}, {0.9, 0.7, 0.5, 0.1}};
  EXPECT_LT(best_threshold(places, all(places)).value(), 0.5) << "F1 0.8 against 0.67";
  places.weight = {1, 20, 1, 1};
  EXPECT_GT(best_threshold(places, all(places)).value(), 0.7) << "the negative stands for twenty";
}

TEST(BestThreshold, IsNoneWithoutAMitosis) {
  const Places places{{0, 0}, {0, 0}, {1, 1}, {0.9, 0.2}};
  EXPECT_FALSE(best_threshold(places, all(places)));
}

TEST(CrossFitted, JudgesAFoldByTheThresholdOfTheOthers) {
  // Fold 1 chooses a threshold below 0.25, at which all of fold 0 is called; fold 0 one between 0.3
  // and 0.7, at which nothing of fold 1 is.
  EXPECT_THAT(cross_fitted(two_folds()), ElementsAre(1, 1, 1, 0, 0, 0));
}

TEST(Temperature, UndoesLogitsThatAreTooLarge) {
  // Of 100 places with p = 0.8, 80 are mitoses; as 3 x the logit the network says 0.985.
  Places places;
  for (int i = 0; i < 100; ++i) {
    places.fold.push_back(0);
    places.label.push_back(i < 80 ? 1 : 0);
    places.weight.push_back(1);
    places.score.push_back(1 / (1 + std::exp(-3 * std::log(0.8 / 0.2))));
  }

  const double temperature = temperature_of(places);

  EXPECT_NEAR(temperature, 3, 1e-4);
  EXPECT_NEAR(calibrated(places.score[0], temperature), 0.8, 1e-5);
  EXPECT_LT(loss_at(places, temperature), loss_at(places, 1));
}

// A dark pixel 14 px off the middle is seen, one 20 px off is not.
TEST(PlaceScore, IsTheHighestNearTheMiddle) {
  const nn::DarkPixelNetwork network;
  const auto score = [&](int x, int y) {
    std::vector<std::uint8_t> rgb(std::size_t{3 * 128 * 128}, 255);
    rgb[static_cast<std::size_t>(3 * (128 * y + x))] = 0;
    return place_score(network, rgb);
  };
  EXPECT_GT(score(50, 78), 0.99);
  EXPECT_LT(score(44, 64), 0.01);
}

TEST(EightViews, AreTheTurnsAndTheirMirrorImages) {
  std::vector<float> patch(std::size_t{3 * 100 * 100}, 0.0F);
  patch[3 * 100 + 1] = 1;  // row 3, column 1
  const auto views = eight_views(patch);
  ASSERT_EQ(views.size(), 8 * patch.size());
  std::set<std::pair<std::size_t, std::size_t>> places;
  for (std::size_t i = 0; i < views.size(); ++i)
    if (views[i] == 1) places.emplace(i % 10000 / 100, i % 100);
  EXPECT_EQ(places, (std::set<std::pair<std::size_t, std::size_t>>{
                        {3, 1}, {1, 3}, {3, 98}, {98, 3}, {96, 1}, {1, 96}, {96, 98}, {98, 96}}));
}

nn::Model network(std::vector<std::string> cases, std::uint64_t seed = 1) {
  nn::ModelInfo info;
  info.architecture = nn::table2(0.0625);
  info.threshold = 0.85;
  info.training_cases = std::move(cases);
  return {info, nn::initial_tensors(info.architecture, seed, "test")};
}

/// Three places of two slides, F1 by row as given.
Adaptation adaptation(double before, double threshold, double fine_tuned) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  Adaptation out;
  out.samples = {"x-0001", "x-0002", "x-0003"};
  out.cases = {"lab1", "lab1", "lab2"};
  out.images = {std::string(64, 'a'), std::string(64, 'a'), std::string(64, 'b')};
  out.fold = {0, 0, 1};
  out.label = {1, 0, 1};
  out.weight = {1, 4, 1};
  out.before = {0.4, 0.1, 0.3};
  out.after = {0.9, 0.2, 0.8};
  out.weights = {{1, 0.5, 0.5, 0.85, kNaN, kNaN, before, 0, 1, kNaN, 0},
                 {0.5, 0.5, 0.4, 0.2, 0.1, 0.3, threshold, 0, 1, 1, 1},
                 {2, 0.5, 0.3, 0.6, 0.5, 0.7, fine_tuned, 0, 1, 1, 1}};
  out.gain = fine_tuned - before;
  out.model = "0123456789abcdef";
  return out;
}

TEST(AdaptedModel, TakesTheBetterWeightsUnlessTold) {
  EXPECT_EQ(chosen({}, adaptation(0.2, 0.5, 0.7)), Adaptation::FineTuned);
  EXPECT_EQ(chosen({}, adaptation(0.2, 0.7, 0.7)), Adaptation::Threshold) << "no gain, no change";
  EXPECT_EQ(chosen({"old"}, adaptation(0.2, 0.5, 0.7)), Adaptation::Threshold);
  EXPECT_EQ(chosen({"fine_tuned"}, adaptation(0.2, 0.7, 0.5)), Adaptation::FineTuned);
}

TEST(AdaptedModel, HoldsThresholdCalibrationAndWhatItHasSeen) {
  const auto old = network({"H03"});
  const auto tuned = network({"H03", "lab1", "lab2"}, 2);

  const auto out = adapted_model({}, adaptation(0.2, 0.5, 0.7), old, tuned);

  EXPECT_EQ(out.info().threshold, 0.6);
  EXPECT_THAT(out.info().threshold_source,
              AllOf(HasSubstr("3 labelled places (2 mitotic) of 2 slides"),
                    HasSubstr("0.500 to 0.700"), HasSubstr("T = 2.000")));
  EXPECT_THAT(out.info().tuning_cases, ElementsAre("lab1", "lab2"));
  ASSERT_EQ(out.info().tuning_images.files.size(), 2U);
  EXPECT_EQ(out.info().tuning_images.files[0].digest, std::string(64, 'a'));
  const auto given = tuned.tensors().at("output.weight").as<float>();
  const auto made = out.tensors().at("output.weight").as<float>();
  for (std::size_t i = 0; i < given.size(); ++i) EXPECT_FLOAT_EQ(made[i], given[i] / 2);
  EXPECT_EQ(out.tensors().at("conv1.weight"), tuned.tensors().at("conv1.weight"));
}

TEST(AdaptedModel, RefusesAnEnsemble) {
  const nn::Model pair({}, std::vector{network({"a"}), network({"a"}, 2)});
  EXPECT_THAT(test::problem(
                  [&] { adapted_model({"old"}, adaptation(0.2, 0.5, 0.7), pair, network({"a"})); }),
              HasSubstr("adapt one network"));
}

TEST(AdaptationReport, SaysBeforeAndAfterAndWhatItDoesNotSay) {
  const auto a = adaptation(0.25, 0.5, 0.75);
  const auto model = adapted_model({}, a, network({"H03"}), network({"H03", "lab1", "lab2"}, 2));

  const auto files = report(a, model);

  ASSERT_EQ(files.size(), 3U);
  const auto json = nlohmann::json::parse(files[2].bytes);
  EXPECT_EQ(json["weights"], "fine_tuned");
  EXPECT_EQ(json["rows"]["before"]["f1"], 0.25);
  EXPECT_TRUE(json["rows"]["before"]["precision"].is_null());
  EXPECT_EQ(json["gain"], 0.5);
  EXPECT_TRUE(json["replay"].is_null());
  EXPECT_THAT(files[1].bytes,
              AllOf(HasSubstr("| fine-tuned | 0.750"), HasSubstr("| lab1 | 2 | 1 |"),
                    HasSubstr("Nothing was replayed"), HasSubstr("What this does not say")));
  EXPECT_THAT(files[0].bytes, HasSubstr("x-0002,lab1,1,non_mitotic,4,0.1,0.2"));
}

TEST(Assess, NeedsBothAnswers) {
  LabelledPlaces one_sided;
  one_sided.patches.size = 128;
  one_sided.patches.labels = {0, 0};
  one_sided.patches.rgb.assign(std::size_t{2 * 3 * 128 * 128}, 255);
  one_sided.patches.samples = {"s1", "s2"};
  one_sided.patches.cases = {"a", "b"};
  one_sided.images = {"", ""};
  one_sided.weights = {1, 1};
  const auto model = network({"a"});
  EXPECT_THAT(test::problem([&] {
                assess({}, one_sided, {model, model, model}, nullptr, [] { return false; });
              }),
              HasSubstr("0 of 2 labelled places are mitotic: both answers are needed"));
}

}  // namespace
}  // namespace mito::adaptation
