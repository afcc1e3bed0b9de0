// Training through the program, on labelled patches of drawn slides.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/nn/model.h"
#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::signalled;
namespace fs = std::filesystem;

class TrainingJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    const auto base = folder_->path().string();
    std::string slides;
    std::string truth;
    for (int i = 1; i <= 2; ++i) {
      run(fmt::format(
          "run pipelines/reference/phantom_pair.yaml --no-store --out {} --set pair.name=case{} "
          "--set pair.seed={} --set pair.width_px=1536 --set pair.height_px=1536 --set "
          "pair.mitoses=20 --set pair.lookalikes=10 --set pair.artefacts=40 --set "
          "pair.nonspecific=4 --set pair.shift_x_um=40 --set pair.shift_y_um=-20",
          base, i, i));
      slides += fmt::format("{}{}/case{}_phh3.svs", i == 1 ? "" : ",", base, i);
      truth += fmt::format("{}{}/case{}_truth.csv", i == 1 ? "" : ",", base, i);
    }
    run(
        fmt::format("run pipelines/reference/phh3_candidates.yaml --no-store --out {}/sheet --set "
                    "'phh3_slide=[{}]' --set sheet.count=200",
                    base, slides));
    run(fmt::format(
        "run pipelines/reference/phh3_simulated_labels.yaml --no-store --out {0}/labels --set "
        "sheet={0}/sheet/sheet.csv --set 'truth=[{1}]' --set "
        "observers.question=artefact --set observers.observers=1",
        base, truth));
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static void run(const std::string& arguments) {
    const auto result = mitoloom(arguments + " --progress off");
    ASSERT_EQ(result.code, 0) << result.err;
  }
  /// Three networks, so that there is an ensemble.
  static std::string arguments(const std::string& name, const std::string& more = "") {
    return fmt::format(
        "run pipelines/reference/phh3_train_cnn1.yaml --progress off --set "
        "sheet={0}/sheet/sheet.csv --set "
        "'labels={0}/labels/labels_*.csv' --set member.members=3 --set train_cnn.width_factor=0.08 "
        "--set train_cnn.checkpoint_s=1 --set batches.epochs=6 --out {0}/{1}/out --store "
        "{0}/{1}/store {2}",
        folder_->path().string(), name, more);
  }
  static fs::path out(const std::string& name) { return folder_->path() / name / "out"; }
  /// Of all bytes of the model file; empty when there is none.
  static std::string model_digest(const std::string& name) {
    const auto file = out(name) / "model.h5";
    return fs::exists(file) ? sha256_file(file) : std::string();
  }
  /// The run that others are compared with.
  static void reference() {
    if (fs::exists(out("reference") / "model.h5")) return;
    const auto result = mitoloom(arguments("reference", "--jobs 1"));
    ASSERT_EQ(result.code, 0) << result.err;
  }

  static test::TempFolder* folder_;
};

test::TempFolder* TrainingJob::folder_ = nullptr;

TEST_F(TrainingJob, MakesAnEnsembleAndTheLogOfEachMember) {
  reference();

  const auto model = nn::load_model(out("reference") / "model.h5");

  ASSERT_EQ(model.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    const auto& info = model.members().at(static_cast<std::size_t>(i)).info();
    EXPECT_EQ(info.seed, i + 1);
    EXPECT_EQ(info.epochs, 6);
    EXPECT_EQ(info.training_cases.size(), 1U);
    EXPECT_EQ(info.tuning_cases.size(), 1U);
    const auto folder = out("reference") / fmt::format("member-{}", i + 1);
    for (const char* file : {"metrics.csv", "metrics.jsonl", "f1_curve.csv"})
      EXPECT_TRUE(fs::exists(folder / file)) << folder << file;
  }
  EXPECT_NE(model.members()[0].digest(), model.members()[1].digest());
}

TEST_F(TrainingJob, GivesTheSameBytesOnAnyNumberOfThreads) {
  reference();
  const auto result = mitoloom(arguments("threads", "--jobs 4"));

  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(model_digest("threads"), model_digest("reference"));
}

TEST_F(TrainingJob, KilledGoesOnAndEndsWithTheSameBytes) {
  reference();
  using namespace std::chrono_literals;
  int killed = 0;
  for (const auto after : {1500ms, 2500ms, 3500ms})
    killed += signalled(arguments("killed"), SIGKILL, after) == -1 ? 1 : 0;
  EXPECT_GT(killed, 0) << "the run ended before it could be killed";

  const auto resumed = mitoloom(arguments("killed"));

  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(model_digest("killed"), model_digest("reference"));
}

TEST_F(TrainingJob, StoppedPolitelyGoesOnAndEndsWithTheSameBytes) {
  reference();
  using namespace std::chrono_literals;
  if (signalled(arguments("stopped"), SIGINT, 2500ms) == 0)
    GTEST_SKIP() << "the run ended before it could be stopped";
  EXPECT_EQ(mitoloom(arguments("stopped")).code, 0);
  EXPECT_EQ(model_digest("stopped"), model_digest("reference"));
}

}  // namespace
}  // namespace mito
