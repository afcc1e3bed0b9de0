#include "nodes/outcome/set_threshold/set_threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/nn/architecture.h"
#include "engine/types/seen_images.h"
#include "tests/support/problem.h"

namespace mito::set_threshold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

nn::Model narrow_model() {
  nn::ModelInfo info;
  info.architecture = nn::table2(0.0625);
  info.threshold = 0.5;
  info.threshold_source = "nowhere";
  info.training_cases = {"H03"};
  info.tuning_cases = {"H15"};
  return {info, nn::initial_tensors(info.architecture, 1, "test")};
}

const std::string model_images_not_known = nn::ModelInfo().tuning_images.not_known;

Tuning tuning_of(const std::string& measure) {
  Tuning tuning;
  tuning.measure = measure;
  tuning.rule = "any_hit within 7.5 um";
  tuning.min_probability = 0.87;
  tuning.value = 0.6125;
  tuning.cases = {"H04", "H15"};
  tuning.images = seen_files({{std::string(64, 'a'), 5, "H04_04", "H04"}}, "");
  return tuning;
}

TEST(SetThreshold, TheModelSaysItsThresholdAndHowItWasChosen) {
  const auto model = narrow_model();

  const auto out = with_threshold({0.7, "cross-validation over four patients"}, model, nullptr);

  EXPECT_EQ(out.info().threshold, 0.7);
  EXPECT_EQ(out.info().threshold_source, "cross-validation over four patients");
  EXPECT_EQ(out.tensors(), model.tensors());
  auto info = out.info();
  info.threshold = model.info().threshold;
  info.threshold_source = model.info().threshold_source;
  EXPECT_EQ(info, model.info());
}

TEST(SetThreshold, CasesOfATuningAreTuningCasesOfTheModel) {
  const auto tuning = tuning_of("f1");

  const auto out = with_threshold({}, narrow_model(), &tuning);

  EXPECT_EQ(out.info().threshold, 0.87);
  EXPECT_EQ(out.info().threshold_source,
            "highest F1 (0.613) on 2 tuning cases, any_hit within 7.5 um");
  EXPECT_THAT(out.info().tuning_cases, ElementsAre("H04", "H15"));
  ASSERT_EQ(out.info().tuning_images.files.size(), 1U);
  EXPECT_EQ(out.info().tuning_images.files[0].name, "H04_04");
  EXPECT_EQ(out.info().tuning_images.not_known, model_images_not_known)
      << "the images of H15 are not known";
}

TEST(SetThreshold, WhatIsMissingOrDoubleIsExplained) {
  EXPECT_THAT(check({0.7, ""}), HasSubstr("'chosen_on' must say"));
  EXPECT_THAT(check({{}, "a guess"}), HasSubstr("min_probability, which is not given"));
  EXPECT_EQ(check({0.7, "a guess"}), "");

  const auto says = [](const Params& params, const Tuning* tuning) {
    return test::problem(
        [&] { static_cast<void>(with_threshold(params, narrow_model(), tuning)); });
  };
  const auto of_detections = tuning_of("f1");
  const auto of_grades = tuning_of("spearman");
  EXPECT_THAT(says({}, nullptr), HasSubstr("there is no threshold"));
  EXPECT_THAT(says({0.7, "a guess"}, &of_detections), HasSubstr("given twice"));
  EXPECT_THAT(says({}, &of_grades), HasSubstr("spearman"));
}

}  // namespace
}  // namespace mito::set_threshold
