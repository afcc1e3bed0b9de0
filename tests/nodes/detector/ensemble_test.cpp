// Ensembles and distillation with the real network library.
#include "nodes/detector/ensemble/ensemble.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "nodes/detector/distil/distil.h"
#include "nodes/detector/evaluate_patches/evaluate_patches.h"
#include "nodes/detector/train_cnn/train_cnn.h"
#include "tests/nodes/detector/training/drawn_patches.h"

namespace mito {
namespace {

using testing::AllOf;
using testing::HasSubstr;

bool never() { return false; }

nn::Model random_model(std::uint64_t seed, double threshold = 0.5) {
  nn::ModelInfo info;
  info.architecture = nn::table2(0.0625);
  info.seed = static_cast<std::int64_t>(seed);
  info.threshold = threshold;
  info.training_cases = {"case" + std::to_string(seed)};
  info.tuning_cases = {"tuning0"};
  return {info, nn::initial_tensors(info.architecture, seed, "test")};
}

nn::PlainPatches validation() { return {nn::drawn_patches("tuning", 1, 40), nullptr, 1, never}; }

std::vector<float> scores(const nn::Model& model) {
  return nn::patch_probabilities(model.network(nn::Device::Cpu), validation(), never);
}

// Method 8.2
TEST(EnsembleNode, ScoresWithTheMeanOfItsMembersAndTakesItsBestThreshold) {
  const std::vector<nn::Model> members{random_model(1), random_model(2), random_model(3)};
  const auto patches = validation();

  const auto joined = ensemble::join(members, &patches, nn::Device::Cpu, never);

  const auto p = scores(joined.model);
  const auto a = scores(members[0]);
  const auto b = scores(members[1]);
  const auto c = scores(members[2]);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], (a[i] + b[i] + c[i]) / 3, 1e-6);
  EXPECT_EQ(joined.model.info().threshold, stats::best_f1(p, patches.labels()).threshold);
  ASSERT_EQ(joined.members.size(), 3U);
  EXPECT_EQ(joined.members[1].best, stats::best_f1(b, patches.labels()));
  EXPECT_EQ(joined.members[1].own, stats::f1_at(0.5, b, patches.labels()));
  EXPECT_THAT(joined.model.info().training_images.not_known, HasSubstr("not written down"));
  EXPECT_EQ(joined.model.info().training_cases,
            (std::vector<std::string>{"case1", "case2", "case3"}));

  const auto report = nlohmann::json::parse(ensemble::report(joined, patches));
  EXPECT_EQ(report["members"].size(), 3U);
  EXPECT_EQ(report["members"][2]["digest"], members[2].digest());
  EXPECT_EQ(report["ensemble"]["digest"], joined.model.digest());
  EXPECT_EQ(report["ensemble"]["best"]["f1"], joined.together->best.f1);
  EXPECT_EQ(report["validation"]["positives"], 20);
}

TEST(EnsembleNode, MapsWithTheMeanOfItsMembers) {
  const std::vector<nn::Model> members{random_model(1), random_model(2)};
  const auto model = ensemble::join(members, nullptr, nn::Device::Cpu, never).model;
  std::vector<std::uint8_t> rgb(std::size_t{140} * 140 * 3);
  RandomStream random(1, "pixels", 0);
  for (auto& v : rgb) v = static_cast<std::uint8_t>(random.below(256));
  const auto map = [&](const nn::Model& m) {
    return nn::dense_probabilities(m.network(nn::Device::Cpu), {{0, 0, 140, 140}, rgb},
                                   {0, 0, 140, 140}, [](const Rect&) { return true; });
  };

  const auto together = map(model);
  const auto a = map(members[0]);
  const auto b = map(members[1]);

  for (std::size_t i = 0; i < together.size(); ++i)
    EXPECT_NEAR(together[i], (a[i] + b[i]) / 2, 1e-6);
}

// Method 15.11
TEST(EnsembleNode, OfCopiesGivesTheBitsOfOne) {
  const auto one = random_model(1);
  const auto copies =
      ensemble::join(std::vector<nn::Model>(3, one), nullptr, nn::Device::Cpu, never);
  EXPECT_EQ(scores(copies.model), scores(one));
}

TEST(EnsembleNode, OfOneNetworkIsThatNetwork) {
  const auto one = random_model(1, 0.3);
  const auto patches = validation();
  EXPECT_EQ(ensemble::join({one}, &patches, nn::Device::Cpu, never).model.digest(), one.digest());
}

TEST(EnsembleNode, WithoutValidationTakesTheMeanOfTheThresholds) {
  const auto joined =
      ensemble::join({random_model(1, 0.2), random_model(2, 0.6)}, nullptr, nn::Device::Cpu, never);
  EXPECT_DOUBLE_EQ(joined.model.info().threshold, 0.4);
  EXPECT_FALSE(joined.together.has_value());
}

TEST(EnsembleNode, HasSeenTheImagesOfItsMembersAndOfTheValidation) {
  auto set = nn::drawn_patches("tuning", 1, 4);
  set.slides[0].identity = std::string(64, 'd');
  const nn::PlainPatches patches(set, nullptr, 1, never);
  std::vector<nn::Model> members;
  for (const int seed : {1, 2}) {
    auto info = random_model(1).info();
    info.training_images =
        seen_files({{std::string(64, seed == 1 ? 'a' : 'b'), 7, "slide", "case"}}, "");
    info.tuning_images = {{}, seed == 1 ? "" : "an old file"};
    members.push_back(random_model(1).with(info));
  }

  const auto info = ensemble::join(members, &patches, nn::Device::Cpu, never).model.info();

  EXPECT_EQ(info.training_images.files.size(), 2U);
  EXPECT_EQ(info.training_images.not_known, "");
  ASSERT_EQ(info.tuning_images.files.size(), 1U);
  EXPECT_EQ(info.tuning_images.files[0].name, "slide_tuning0");
  EXPECT_EQ(info.tuning_images.not_known, "an old file");
}

TEST(EnsembleNode, RefusesAMemberThatWasTrainedOnAValidationCase) {
  auto info = random_model(2).info();
  info.training_cases = {"tuning0"};
  const auto patches = validation();
  try {
    ensemble::join({random_model(1), random_model(2).with(info)}, &patches, nn::Device::Cpu, never);
    FAIL() << "a leak was not noticed";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("tuning0"), HasSubstr("training")));
  }
}

// Method 8.3
TEST(Distil, MakesTheTeachersProbabilitiesTheTargetsAndKeepsTheRest) {
  const auto set = nn::drawn_patches("case", 1, 20);
  const auto batch = nn::drawn_batch(set, {.epochs = 1, .batches = 1, .seed = 4}, 0, 20);
  const auto teacher = random_model(1);

  const auto soft = distil::soften(batch, teacher.network(nn::Device::Cpu));

  EXPECT_EQ(soft.patches, batch.patches);
  EXPECT_EQ(soft.patch, batch.patch);
  EXPECT_EQ(soft.place, batch.place);
  EXPECT_EQ(soft.target, nn::patch_probabilities(teacher.network(nn::Device::Cpu),
                                                 nn::PlainPatches(set, nullptr, 1, never), never));
}

/// Says 0 or 1 with certainty: the label that drawn_patches gives.
class Oracle final : public nn::Network {
 public:
  std::vector<float> logits(std::span<const float> patches, std::int64_t count) const override {
    std::vector<float> out;
    for (std::int64_t i = 0; i < count; ++i) {
      const float red = patches[static_cast<std::size_t>(i * 30000 + 5050)];
      out.insert(out.end(), {0.0F, red < 0.2F ? 200.0F : -200.0F});
    }
    return out;
  }
  std::vector<float> dense(std::span<const std::uint8_t> /*rgb*/,
                           std::int64_t /*height*/,
                           std::int64_t /*width*/) const override {
    return {};
  }
};

// Method 15.11: q in {0, 1} is a label.
TEST(Distil, FromACertainTeacherEqualsTrainingOnTheLabelsBitForBit) {
  const auto training = nn::drawn_patches("case", 2, 8);
  const auto tuning = nn::drawn_patches("tuning", 1, 8);
  train_cnn::Params params;
  params.width_factor = 0.0625;
  const BatchPlace shape{.epochs = 2, .batches = 2, .seed = 9};
  const auto train = [&](bool distilled) {
    train_cnn::Training run(params, {training, &tuning}, 4, {});
    for (std::uint32_t i = 0; i < 4; ++i) {
      auto batch = nn::drawn_batch(training, shape, i, 8);
      if (distilled) {
        std::ranges::fill(batch.target, 0.5F);
        batch = distil::soften(batch, Oracle());
      }
      run.add(i, batch);
    }
    return run.finish().digest();
  };

  EXPECT_EQ(train(true), train(false));
}

TEST(Distil, AsksTheTeacherOnlyOfReplayedPatchesWhereItKnowsTheSet) {
  auto set = nn::drawn_patches("case", 2, 8);
  for (std::size_t i = 0; i < set.count(); ++i) set.in_pool[i] = i % 2 == 0 ? -1 : 7;
  auto batch = nn::drawn_batch(set, {.epochs = 1, .batches = 2, .seed = 9}, 0, 8);
  std::ranges::fill(batch.target, 0.25F);

  const auto soft = distil::soften_replayed(batch, Oracle(), set);

  for (std::size_t i = 0; i < batch.patch.size(); ++i) {
    const auto patch = batch.patch[i];
    EXPECT_EQ(soft.target[i], patch % 2 == 0 ? 0.25F : static_cast<float>(set.label[patch]))
        << patch;
  }
  batch.patch[0] = 1000;
  EXPECT_THROW(distil::soften_replayed(batch, Oracle(), set), DataError);
}

TEST(EvaluatePatches, SaysHowFarTheStudentIsFromItsTeacher) {
  const auto patches = validation();
  const auto student = random_model(1);
  const auto teacher = random_model(2);

  const auto measured = evaluate_patches::measure(student, patches, nn::Device::Cpu, never);
  const auto of_teacher = evaluate_patches::measure(teacher, patches, nn::Device::Cpu, never);
  const auto report =
      nlohmann::json::parse(evaluate_patches::report(patches, measured, of_teacher));

  const auto p = scores(student);
  const auto q = scores(teacher);
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i)
    sum += std::abs(static_cast<double>(p[i]) - static_cast<double>(q[i]));
  EXPECT_NEAR(report["mean_absolute_difference"].get<double>(), sum / 40, 1e-12);
  EXPECT_EQ(report["model"]["best"]["f1"], stats::best_f1(p, patches.labels()).f1);
  EXPECT_EQ(report["teacher"]["digest"], teacher.digest());
  EXPECT_EQ(report["patches"]["count"], 40);
  EXPECT_EQ(report["tuned_on"], nlohmann::json::array({"tuning0"}));
  EXPECT_EQ(report["model"]["at_threshold"]["optimistic"], true) << "tuned on a case of these";
  EXPECT_EQ(report["model"]["best"]["optimistic"], true);
  EXPECT_EQ(report["model"]["best"]["threshold_chosen_on"], "same data");
}

TEST(EvaluatePatches, MeasuresEveryMemberOfAnEnsemble) {
  const auto patches = validation();
  const std::vector<nn::Model> members{random_model(1), random_model(2)};
  const auto both = ensemble::join(members, nullptr, nn::Device::Cpu, never).model;

  const auto measured = evaluate_patches::measure(both, patches, nn::Device::Cpu, never);

  ASSERT_EQ(measured.members.size(), 2U);
  for (std::size_t i = 0; i < members.size(); ++i) {
    EXPECT_EQ(measured.members[i].digest, members[i].digest());
    EXPECT_EQ(measured.members[i].probability, scores(members[i]));
  }
  EXPECT_EQ(measured.probability, scores(both));
  const auto report =
      nlohmann::json::parse(evaluate_patches::report(patches, measured, std::nullopt));
  EXPECT_EQ(report["model"]["members"].size(), 2U);
}

TEST(EvaluatePatches, GivesTheRecallOfPositivesAlone) {
  auto set = nn::drawn_patches("fresh", 1, 10);
  std::ranges::fill(set.label, 1);
  const nn::PlainPatches patches(set, nullptr, 1, never);
  const auto model = random_model(1);

  const auto measured = evaluate_patches::measure(model, patches, nn::Device::Cpu, never);

  const auto found = std::ranges::count_if(measured.probability, [](float p) { return p >= 0.5F; });
  EXPECT_DOUBLE_EQ(measured.recall, static_cast<double>(found) / 10);
  EXPECT_FALSE(measured.best.has_value());
  const auto report =
      nlohmann::json::parse(evaluate_patches::report(patches, measured, std::nullopt));
  EXPECT_EQ(report["model"]["at_threshold"]["recall"], measured.recall);
  EXPECT_EQ(report["model"]["at_threshold"]["optimistic"], false);
  EXPECT_FALSE(report["model"].contains("best"));

  std::ranges::fill(set.label, 0);
  const nn::PlainPatches none(set, nullptr, 1, never);
  EXPECT_THROW(evaluate_patches::measure(model, none, nn::Device::Cpu, never), DataError);
}

TEST(EvaluatePatches, WritesTheProbabilityOfEveryPatch) {
  PatchSet set;
  set.slides = {{"a,b.svs", "", "case1"}, {"c.svs", "", "case2"}};
  set.slide = {0, 1};
  set.at = {{10, 20}, {30, 40}};
  set.label = {1, 0};

  EXPECT_EQ(evaluate_patches::scores_csv(set, {0.5F, 0.25F}),
            "slide,case,x,y,label,probability\n"
            "\"a,b.svs\",case1,10,20,1,0.5\n"
            "c.svs,case2,30,40,0,0.25\n");
}

TEST(EvaluatePatches, RefusesCasesThatTheModelWasTrainedOn) {
  const nn::PlainPatches patches(nn::drawn_patches("case", 2, 4), nullptr, 1, never);
  EXPECT_THROW(evaluate_patches::measure(random_model(1), patches, nn::Device::Cpu, never),
               DataError);
  EXPECT_NO_THROW(evaluate_patches::measure(random_model(7), patches, nn::Device::Cpu, never));
}

TEST(EvaluatePatches, RefusesSlidesThatTheModelWasTrainedOnUnderAnotherName) {
  auto set = nn::drawn_patches("fresh", 1, 4);
  set.slides[0].identity = std::string(64, 'a') + "|mirrored";
  const nn::PlainPatches patches(set, nullptr, 1, never);
  auto info = random_model(1).info();
  info.training_images = seen_files({{std::string(64, 'a'), 7, "H04_01", "H04"}}, "");
  try {
    evaluate_patches::measure(random_model(1).with(info), patches, nn::Device::Cpu, never);
    FAIL() << "a leak was not noticed";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("slide 'slide_fresh0' of the evaluation set is, by its "
                                        "content, 'H04_01' of case 'H04' of the training set"));
  }

  info.training_images = seen_files({{std::string(64, 'b'), 7, "H04_01", "H04"}}, "");
  info.tuning_images = seen_files({{std::string(64, 'a'), 7, "H15_01", "H15"}}, "");
  const auto measured =
      evaluate_patches::measure(random_model(1).with(info), patches, nn::Device::Cpu, never);
  EXPECT_EQ(measured.tuned_on, (std::vector<std::string>{"fresh0"}));
  const auto report =
      nlohmann::json::parse(evaluate_patches::report(patches, measured, std::nullopt));
  EXPECT_EQ(report["model"]["at_threshold"]["optimistic"], true);
  EXPECT_THAT(report["leak_check"]["content"].get<std::string>(),
              HasSubstr("is one of the 1 files of training; not known: whether"));
}

TEST(EvaluatePatches, NeedsAsManyProbabilitiesOfBoth) {
  EXPECT_THROW(evaluate_patches::mean_absolute_difference({0.5F}, {}), DataError);
  EXPECT_DOUBLE_EQ(evaluate_patches::mean_absolute_difference({0.5F, 1.0F}, {0.25F, 1.0F}), 0.125);
}

}  // namespace
}  // namespace mito
