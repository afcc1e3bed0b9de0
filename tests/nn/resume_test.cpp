#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/nn/checkpoint.h"
#include "nodes/train_cnn/patch_source.h"
#include "nodes/train_cnn/train_cnn.h"
#include "tests/nn/frames.h"

namespace mito::train_cnn {
namespace {

std::unique_ptr<nn::Learner> learner(const Params& params) {
  const auto wanted = architecture(params);
  return nn::backend().learner(wanted, nn::initial_tensors(wanted, 1, "test"), nn::Device::Cpu);
}

/// Trains once without a break and once stopped when the loop asks for the `stop_at`-th time.
void check_resume(const Params& params,
                  const SampleSource& source,
                  int stop_at,
                  const std::string& name) {
  const auto whole = learner(params);
  const auto expected = run_epochs(params, source, *whole, {});

  const auto file = std::filesystem::path(testing::TempDir()) / name / "checkpoint.h5";
  std::filesystem::remove(file);
  Hooks hooks;
  hooks.load = [&] { return nn::load_checkpoint(file); };
  hooks.save = [&](const Record& record) { nn::save_checkpoint(file, record); };
  int asked = 0;
  hooks.stop = [&] { return ++asked == stop_at; };
  EXPECT_THROW(run_epochs(params, source, *learner(params), hooks), Interrupted);
  const auto resumed = learner(params);
  const auto trained = run_epochs(params, source, *resumed, hooks);

  EXPECT_EQ(resumed->state(), whole->state());
  EXPECT_EQ(trained.weights, expected.weights);
}

TEST(Resume, AfterAStopGivesTheWeightsOfAWholeRunBitForBit) {
  const auto params = short_run();
  const ImageSource source(params, frames(2), frames(1), Hooks{}.name);
  check_resume(params, source, 9, "resume_images");  // in the middle of the second epoch
}

TEST(Resume, OfARunOnPatchesGivesTheWeightsOfAWholeRunBitForBit) {
  const auto params = short_patch_run();
  const auto patches = labelled_patches(3, 8);
  const PatchSource source(params, patches, nullptr, Hooks{}.name);
  for (const int stop_at : {1, 4, 7})  // 2 batches and 2 scorings per epoch
    check_resume(params, source, stop_at, "resume_patches");
}

TEST(Train, Cnn12OnPatchesLearnsAndKeepsTheThresholdOfOneHalf) {
  auto params = short_patch_run();
  params.width_factor = 0.125;
  params.augment = "none";
  params.epochs = 6;
  params.validation_cases = {};
  params.validation_fraction = 0.3;
  params.learning_rate_end = 1e-3;
  const auto first = labelled_patches(2, 8);
  auto second = labelled_patches(1, 16);
  for (auto& name : second.cases) name = "elsewhere";

  const auto model = train(params, {nullptr, &first, &second}, nullptr, {});

  EXPECT_EQ(model.info().architecture, nn::cnn12(0.125));
  EXPECT_EQ(model.info().threshold, 0.5);
  EXPECT_THAT(model.info().threshold_source,
              testing::AllOf(testing::HasSubstr("fixed; F1 "), testing::HasSubstr("of 6")));
  EXPECT_EQ(model.info().data_digest, digest(first, &second));
  const PatchSource source(params, first, &second, "train_cnn");
  const auto& network = model.network(nn::Device::Cpu);
  EXPECT_GT(patch_operating_point(source, network, std::nullopt).f1, 0.9);

  params.threshold = "best";
  params.epochs = 1;
  const auto best = train(params, {nullptr, &first, &second}, nullptr, {});
  EXPECT_THAT(best.info().threshold_source, testing::HasSubstr("highest F1"));
}

TEST(Train, WantsEitherImagesOrPatches) {
  const auto message = [](const Data& data) -> std::string {
    try {
      train(short_patch_run(), data, nullptr, {});
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  const AnnotatedImages images;
  const auto patches = labelled_patches(2, 2);
  EXPECT_THAT(message({}), testing::HasSubstr("connect either 'data' (images) or 'patches'"));
  EXPECT_THAT(message({nullptr, nullptr, &patches}), testing::HasSubstr("nothing to train on"));
  EXPECT_THAT(message({&images, &patches, nullptr}), testing::HasSubstr("not both"));
}

TEST(FirstWeights, AreThoseOfTheNetworkToGoOnFrom) {
  const auto params = short_run();
  nn::ModelInfo info;
  info.architecture = architecture(params);
  const nn::Model start(info, nn::initial_tensors(info.architecture, 7, "elsewhere"));

  EXPECT_EQ(first_weights(params, &start, "here"), start.tensors());
  EXPECT_NE(first_weights(params, nullptr, "here"), start.tensors());
}

TEST(FirstWeights, RefuseANetworkOfAnotherArchitecture) {
  nn::ModelInfo info;
  info.architecture = nn::table2(0.125);
  const nn::Model start(info, nn::initial_tensors(info.architecture, 7, "elsewhere"));

  EXPECT_THROW(first_weights(short_run(), &start, "here"), DataError);
}

}  // namespace
}  // namespace mito::train_cnn
