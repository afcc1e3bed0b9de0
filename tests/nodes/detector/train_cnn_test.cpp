// Training with the real network library.
#include "nodes/detector/train_cnn/train_cnn.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "nodes/detector/training/checkpoint.h"
#include "tests/nodes/detector/training/drawn_patches.h"

namespace mito::train_cnn {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Params short_run(const std::string& family) {
  Params p;
  p.family = family;
  p.width_factor = family == "cnn12" ? 0.03125 : 0.0625;
  p.learning_rate_end = 1e-3;
  p.checkpoint_s = 1e6;
  return p;
}

struct Sets {
  PatchSet training = nn::drawn_patches("case", 3, 8);
  PatchSet validation = nn::drawn_patches("tuning", 1, 8);
  BatchPlace shape{.epochs = 2, .batches = 3, .seed = 9};

  std::uint32_t size() const { return static_cast<std::uint32_t>(shape.epochs * shape.batches); }
  Training begin(const Params& params, const Hooks& hooks = {}) const {
    return {params, {training, &validation}, size(), hooks};
  }
  void add(Training& run, std::uint32_t from, std::uint32_t to) const {
    for (auto i = from; i < to; ++i) run.add(i, nn::drawn_batch(training, shape, i, 8));
  }
};

class Resume : public testing::TestWithParam<std::string> {};

TEST_P(Resume, AfterAStopGivesTheModelOfAWholeRunBitForBit) {
  const Sets sets;
  const auto params = short_run(GetParam());
  auto whole = sets.begin(params);
  sets.add(whole, 0, sets.size());
  const auto expected = whole.finish();

  const auto file = std::filesystem::path(testing::TempDir()) / ("train_" + GetParam() + ".h5");
  for (const std::uint32_t stop_after : {1U, 3U, 5U}) {
    std::filesystem::remove(file);
    Hooks hooks;
    hooks.load = [&] { return nn::load_checkpoint(file); };
    hooks.save = [&](const Record& record) { nn::save_checkpoint(file, record); };
    auto stopping = hooks;
    std::uint32_t seen = 0;
    stopping.progress = [&](const std::string& text, double) { seen += text.starts_with("epoch"); };
    stopping.stop = [&] { return seen == stop_after; };
    auto first = sets.begin(params, stopping);
    EXPECT_THROW(sets.add(first, 0, sets.size()), Interrupted);
    const auto from = Trainer::seen(nn::load_checkpoint(file).value());
    EXPECT_EQ(from, stop_after);

    auto second = sets.begin(params, hooks);
    sets.add(second, from, sets.size());
    const auto model = second.finish();

    EXPECT_EQ(model.digest(), expected.digest()) << stop_after;
    EXPECT_EQ(model.info(), expected.info()) << stop_after;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Resume, testing::Values("table2", "cnn12"));

TEST(TrainCnn, LearnsAndSaysWhereItComesFrom) {
  Sets sets;
  sets.shape.epochs = 6;
  sets.shape.batches = 6;
  auto params = short_run("cnn12");
  params.width_factor = 0.125;
  auto run = sets.begin(params);
  sets.add(run, 0, sets.size());

  const auto model = run.finish();

  const auto& info = model.info();
  EXPECT_EQ(info.architecture, nn::cnn12(0.125));
  EXPECT_EQ(info.threshold, 0.5);
  EXPECT_THAT(info.threshold_source,
              AllOf(HasSubstr("fixed (F1 "), HasSubstr("cases tuning0"), HasSubstr("of 6")));
  EXPECT_EQ(info.data_digest, content_digest(sets.training));
  EXPECT_EQ(info.training_cases, (std::vector<std::string>{"case0", "case1", "case2"}));
  EXPECT_EQ(info.tuning_cases, (std::vector<std::string>{"tuning0"}));
  EXPECT_EQ(info.epochs, 6);
  EXPECT_EQ(info.seed, 5);
  const nn::PlainPatches plain(sets.validation, nullptr, 1, [] { return false; });
  const auto p =
      nn::patch_probabilities(model.network(nn::Device::Cpu), plain, [] { return false; });
  EXPECT_GT(stats::best_f1(p, plain.labels()).f1, 0.9);
}

TEST(TrainCnn, SaysWhichImagesItHasSeen) {
  Sets sets;
  sets.training.slides[1].identity = std::string(64, 'b') + "|mirrored";
  sets.training.slides[2].identity = std::string(64, 'c');
  sets.validation.slides[0].identity = std::string(64, 'd');
  const auto train = [&](const std::string& threshold, const nn::Model* start) {
    auto params = short_run("table2");
    params.keep = "last";
    params.threshold = threshold;
    Training run(params, {sets.training, &sets.validation, nullptr, start}, sets.size(), {});
    sets.add(run, 0, sets.size());
    return run.finish();
  };

  const auto model = train("best", nullptr);

  const auto& info = model.info();
  ASSERT_EQ(info.training_images.files.size(), 2U);
  EXPECT_EQ(info.training_images.files[0],
            (SeenFile{std::string(64, 'b'), 0, "slide_case1", "case1"}));
  EXPECT_THAT(info.training_images.not_known, HasSubstr("name no image")) << "of case0";
  ASSERT_EQ(info.tuning_images.files.size(), 1U);
  EXPECT_EQ(info.tuning_images.files[0].case_id, "tuning0");
  EXPECT_EQ(info.tuning_images.not_known, "");
  EXPECT_EQ(train("half", nullptr).info().tuning_images, (SeenFiles{{}, ""}))
      << "nothing was chosen";
}

TEST(TrainCnn, HasSeenWhatTheNetworkItStartedFromHadSeen) {
  const Sets sets;
  auto params = short_run("table2");
  params.keep = "last";
  params.threshold = "half";
  nn::ModelInfo before;
  before.architecture = architecture(params);
  before.training_cases = {"case1", "earlier"};
  before.tuning_cases = {"chosen"};
  before.training_images = seen_files({{std::string(64, 'e'), 9, "e1", "earlier"}}, "");
  before.tuning_images = {{}, "an old file"};
  const nn::Model start(before, nn::initial_tensors(before.architecture, 1, "test"));
  Training run(params, {sets.training, &sets.validation, nullptr, &start}, sets.size(), {});
  sets.add(run, 0, sets.size());

  const auto info = run.finish().info();

  EXPECT_EQ(info.training_cases, (std::vector<std::string>{"case0", "case1", "case2", "earlier"}));
  EXPECT_EQ(info.tuning_cases, (std::vector<std::string>{"chosen"}));
  ASSERT_EQ(info.training_images.files.size(), 1U);
  EXPECT_EQ(info.training_images.files[0].name, "e1");
  EXPECT_EQ(info.tuning_images.not_known, "of the network it started from, an old file");
}

TEST(TrainCnn, HasSeenWhatItsTeacherHadSeen) {
  const Sets sets;
  nn::ModelInfo taught;
  taught.architecture = nn::table2(0.25);
  taught.training_cases = {"taught"};
  taught.tuning_cases = {"chosen"};
  taught.training_images = seen_files({{std::string(64, 'f'), 9, "t1", "taught"}}, "older files");
  taught.tuning_images = {{}, ""};
  const nn::Model teacher(taught, nn::initial_tensors(taught.architecture, 1, "test"));
  Training run(short_run("table2"), {sets.training, &sets.validation, nullptr, nullptr, &teacher},
               sets.size(), {});
  sets.add(run, 0, sets.size());

  const auto info = run.finish().info();

  EXPECT_THAT(info.training_cases, ::testing::Contains("taught"));
  EXPECT_THAT(info.tuning_cases, ::testing::Contains("chosen"));
  ASSERT_EQ(info.training_images.files.size(), 1U);
  EXPECT_EQ(info.training_images.files[0].name, "t1");
  EXPECT_THAT(info.training_images.not_known, ::testing::HasSubstr("of its teacher, older files"));
  EXPECT_NE(info.architecture, taught.architecture) << "it learns, it is not a copy";
}

TEST(TrainCnn, TheLastEpochWithAFixedThresholdOwesNothingToTheValidationCases) {
  const Sets sets;
  auto params = short_run("table2");
  params.keep = "last";
  params.threshold = "half";
  auto run = sets.begin(params);
  sets.add(run, 0, sets.size());

  const auto info = run.finish().info();

  EXPECT_EQ(info.best_epoch, info.epochs);
  EXPECT_EQ(info.threshold, 0.5);
  EXPECT_TRUE(info.tuning_cases.empty());
}

TEST(TrainCnn, NeedsNoValidationPatchesWhereNothingIsChosen) {
  const Sets sets;
  auto params = short_run("table2");
  params.keep = "last";
  params.threshold = "half";
  const auto train = [&](const PatchSet* validation) {
    std::string log;
    Hooks hooks;
    hooks.report = [&](const auto& epochs, const auto&) { log = metrics_json_lines(epochs); };
    Training run(params, {sets.training, validation, nullptr, nullptr}, sets.size(), hooks);
    sets.add(run, 0, sets.size());
    return std::pair(run.finish(), log);
  };

  const auto [model, log] = train(nullptr);

  EXPECT_EQ(model.tensors(), train(&sets.validation).first.tensors());
  EXPECT_EQ(model.info().threshold, 0.5);
  EXPECT_THAT(log, AllOf(HasSubstr("\"validation_f1\": null"), HasSubstr("\"loss\": 0.")));
  params.threshold = "best";
  try {
    train(nullptr);
    FAIL() << "a threshold was chosen on nothing";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("connect 'validation'"));
  }
}

TEST(TrainCnn, TheThresholdOfTheLastEpochIsStillChosenOnTheValidationCases) {
  const Sets sets;
  auto params = short_run("table2");
  params.keep = "last";
  auto run = sets.begin(params);
  sets.add(run, 0, sets.size());

  const auto info = run.finish().info();

  EXPECT_EQ(info.best_epoch, info.epochs);
  EXPECT_EQ(info.tuning_cases, (std::vector<std::string>{"tuning0"}));
}

TEST(TrainCnn, StoresTheThresholdThatIsBestForTheValidationPatches) {
  const Sets sets;
  auto run = sets.begin(short_run("table2"));
  sets.add(run, 0, sets.size());

  const auto model = run.finish();

  const nn::PlainPatches plain(sets.validation, nullptr, 1, [] { return false; });
  const auto p =
      nn::patch_probabilities(model.network(nn::Device::Cpu), plain, [] { return false; });
  EXPECT_EQ(stats::best_f1(p, plain.labels()).threshold, model.info().threshold);
  EXPECT_THAT(model.info().threshold_source, HasSubstr("best F1 (F1 "));
}

TEST(TrainCnn, RefusesACaseInBothSets) {
  Sets sets;
  sets.validation.slides[0].case_id = "case1";
  try {
    sets.begin(short_run("table2"));
    FAIL() << "a case was both trained on and validated with";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("case1"), HasSubstr("training"), HasSubstr("validation")));
  }
}

TEST(FirstWeights, AreThoseOfTheNetworkToGoOnFrom) {
  const auto params = short_run("table2");
  nn::ModelInfo info;
  info.architecture = architecture(params);
  const nn::Model start(info, nn::initial_tensors(info.architecture, 7, "elsewhere"));

  EXPECT_EQ(first_weights(params, &start, 1), start.tensors());
  EXPECT_NE(first_weights(params, nullptr, 1), start.tensors());
  EXPECT_NE(first_weights(params, nullptr, 1), first_weights(params, nullptr, 2));
  auto other = params;
  other.init = "he_normal";
  EXPECT_NE(first_weights(params, nullptr, 1), first_weights(other, nullptr, 1));
}

TEST(FirstWeights, LeaveTheWidthToTheNetworkToGoOnFrom) {
  nn::ModelInfo info;
  info.architecture = nn::table2(0.125, nn::FilterRule::EvenFloor, 0.1);
  const nn::Model start(info, nn::initial_tensors(info.architecture, 7, "elsewhere"));

  EXPECT_EQ(architecture(for_start({}, &start)), info.architecture);
  EXPECT_EQ(architecture(for_start({}, nullptr)), nn::table2(0.6));
  EXPECT_EQ(for_start(short_run("table2"), &start).width_factor, 0.0625) << "it was asked for";
}

TEST(FirstWeights, RefuseANetworkOfAnotherArchitecture) {
  nn::ModelInfo info;
  info.architecture = nn::table2(0.125);
  const nn::Model start(info, nn::initial_tensors(info.architecture, 7, "elsewhere"));

  EXPECT_THROW(first_weights(short_run("table2"), &start, 1), DataError);
}

}  // namespace
}  // namespace mito::train_cnn
