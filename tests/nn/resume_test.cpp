#include <filesystem>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/nn/checkpoint.h"
#include "nodes/train_cnn/train_cnn.h"
#include "tests/nn/frames.h"

namespace mito::train_cnn {
namespace {

std::unique_ptr<nn::Learner> learner(const Params& params) {
  const auto architecture = nn::table2(params.width_factor);
  return nn::backend().learner(architecture, nn::initial_tensors(architecture, 1, "test"),
                               nn::Device::Cpu);
}

TEST(Resume, AfterAStopGivesTheWeightsOfAWholeRunBitForBit) {
  const auto params = short_run();
  const auto training = frames(2);
  const auto validation = frames(1);
  const auto whole = learner(params);
  run_epochs(params, training, validation, *whole, {});

  const auto file = std::filesystem::path(testing::TempDir()) / "resume_test" / "checkpoint.h5";
  std::filesystem::remove(file);
  Hooks hooks;
  hooks.load = [&] { return nn::load_checkpoint(file); };
  hooks.save = [&](const Record& record) { nn::save_checkpoint(file, record); };
  int asked = 0;
  hooks.stop = [&] { return ++asked == 9; };  // in the middle of the second epoch
  EXPECT_THROW(run_epochs(params, training, validation, *learner(params), hooks), Interrupted);
  const auto resumed = learner(params);
  run_epochs(params, training, validation, *resumed, hooks);

  EXPECT_EQ(resumed->state(), whole->state());
}

TEST(FirstWeights, AreThoseOfTheNetworkToGoOnFrom) {
  const auto params = short_run();
  nn::ModelInfo info;
  info.architecture = nn::table2(params.width_factor);
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
