// The reference standard from the command line, on drawn pairs: with untrained networks that call
// everything mitotic, so that each step can be looked at alone, and once from labels on.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/nn/model.h"
#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::read_file;
using test::signalled;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using Json = nlohmann::json;

class ReferenceJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    draw("one", 1);
    draw("two", 2);
    nn::ModelInfo info;
    info.architecture = nn::cnn12(0.05);
    info.threshold = 0;
    nn::save_model(nn::Model(info, nn::initial_tensors(info.architecture, 7, "test")),
                   folder_->path() / "model.h5");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static void draw(const std::string& name, int seed) {
    const auto drawn = mitoloom(fmt::format(
        "run pipelines/reference/phantom_pair.yaml --no-store --progress off --out {} --set "
        "pair.name={} "
        "--set pair.seed={} --set pair.width_px=2560 --set pair.height_px=2560 --set "
        "pair.mitoses=12 --set pair.lookalikes=6 --set pair.artefacts=20 --set pair.nonspecific=4 "
        "--set pair.shift_x_um=60 --set pair.shift_y_um=-40",
        folder_->path().string(), name, seed));
    ASSERT_EQ(drawn.code, 0) << drawn.err;
  }
  /// H&E slide of one pair, PHH3 slide of another or the same.
  static std::string arguments(const std::string& name,
                               const std::string& more = "",
                               const std::string& phh3 = "one") {
    const fs::path base = folder_->path();
    return fmt::format(
        "pipelines/reference/phh3_reference.yaml --set he_slide={0}/one_he.svs --set "
        "phh3_slide={0}/{1}_phh3.svs --set truth={0}/one_truth.csv --set cnn1={0}/model.h5 --set "
        "cnn2={0}/model.h5 --out {0}/{2}/out --store {0}/{2}/store {3}",
        base.string(), phh3, name, more);
  }
  static test::Outcome run(const std::string& name,
                           const std::string& more = "",
                           const std::string& phh3 = "one") {
    return mitoloom("run " + arguments(name, "--progress off " + more, phh3));
  }
  static fs::path out(const std::string& name) { return folder_->path() / name / "out"; }
  /// The run that others are compared with.
  static void reference() {
    if (fs::exists(out("reference") / "certificate.json")) return;
    const auto result = run("reference");
    ASSERT_EQ(result.code, 0) << result.err;
  }

  static test::TempFolder* folder_;
};

test::TempFolder* ReferenceJob::folder_ = nullptr;

TEST_F(ReferenceJob, CarriesTheBrownMitosesToTheirPlacesOnTheOtherSlide) {
  reference();

  const Json found = Json::parse(read_file(out("reference") / "reference_evaluation.json"));
  EXPECT_GT(found["candidates"]["mitoses"], 5);
  EXPECT_GE(found["reference"]["brown_mitoses"]["recall"], 0.8);  // a late figure is two spots
  EXPECT_LT(found["registration"]["after_um"]["p95"], 1.0);
  EXPECT_LT(found["registration"]["after_um"]["median"],
            found["registration"]["before_um"]["median"]);
}

TEST_F(ReferenceJob, WritesACertificateAndFilesForViewers) {
  reference();

  for (const char* file : {"detections.csv", "detections.geojson", "detections.xml", "objects.csv",
                           "checkerboard.png"})
    EXPECT_GT(fs::file_size(out("reference") / file), 0U) << file;
  const Json certificate = Json::parse(read_file(out("reference") / "certificate.json"));
  EXPECT_EQ(certificate["registration"]["status"], "pass");
  EXPECT_GE(certificate["registration"]["global"]["psr"], 7);
  EXPECT_EQ(certificate["counts"]["candidates"], certificate["counts"]["mitotic"]);
  EXPECT_EQ(certificate["he_slide"]["name"], "one_he");
}

TEST_F(ReferenceJob, AnotherDabThresholdReadsNoTileAndRegistersTheSlideNoMore) {
  reference();
  const std::string change = "--set found.spots.dab_threshold=0.45";

  const auto planned = mitoloom("plan " + arguments("reference", change));
  const auto result = run("reference", change + " --json");

  EXPECT_THAT(planned.out, HasSubstr("parameter dab_threshold 0.3 -> 0.45"));
  const Json runs = Json::parse(result.out)["node_runs"];
  for (const char* node : {"found.brown", "found.mask", "he_mask", "global"})
    EXPECT_FALSE(runs.contains(node)) << node;
  for (const char* node : {"found.spots", "mitotic", "local", "reference"})
    EXPECT_EQ(runs[node], 1) << node;
  EXPECT_EQ(run("reference").code, 0);  // back to what the other tests compare with
}

TEST_F(ReferenceJob, AKilledRunGoesOnAndEndsWithTheSameBytes) {
  reference();
  using namespace std::chrono_literals;
  int killed = 0;
  for (const auto after : {700ms, 1300ms, 2000ms})
    killed +=
        signalled("run " + arguments("killed", "--progress off"), SIGKILL, after) == -1 ? 1 : 0;
  EXPECT_GT(killed, 0) << "the run ended before it could be killed";

  const auto resumed = run("killed");

  EXPECT_EQ(resumed.code, 0) << resumed.err;
  for (const char* file : {"detections.csv", "objects.csv", "certificate.json"})
    EXPECT_EQ(read_file(out("killed") / file), read_file(out("reference") / file)) << file;
}

TEST_F(ReferenceJob, ResultsDoNotDependOnThreadsOrTileSize) {
  reference();

  ASSERT_EQ(run("variant", "--jobs 1 --set found.tiles.size_px=256").code, 0);

  for (const char* file : {"detections.csv", "objects.csv", "certificate.json"})
    EXPECT_EQ(read_file(out("variant") / file), read_file(out("reference") / file)) << file;
}

TEST_F(ReferenceJob, SlidesOfDifferentSectionsFailWithTheNumbersThatSayWhy) {
  const auto result = run("unrelated", "--keep-going", "two");

  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.err, HasSubstr("registration failed"));
  EXPECT_THAT(result.err, HasSubstr("PSR"));
  EXPECT_FALSE(fs::exists(out("unrelated") / "certificate.json"));
  EXPECT_FALSE(fs::exists(out("unrelated") / "detections.csv"));
}

TEST_F(ReferenceJob, PlanNamesBothSlides) {
  const auto planned = mitoloom("plan " + arguments("planned"));

  EXPECT_EQ(planned.code, 0) << planned.err;
  EXPECT_THAT(planned.out, HasSubstr("slide 'one_he': 2560 x 2560 px"));
  EXPECT_THAT(planned.out, HasSubstr("slide 'one_phh3': 2560 x 2560 px"));
}

TEST(Phh3Study, GoesFromBrownSpotsByLabelsToAScoredReference) {
  const test::TempFolder folder;
  const auto table = folder.path() / "pairs.csv";
  std::ofstream(table) << "case,seed,shift_x_um,shift_y_um\ntraining_1,1,-63,-27\n"
                          "training_2,2,-26,26\ntest_1,3,11,79\n";
  std::string settings = " --set slides/table=" + table.string();
  for (const char* size : {"width_px=3072", "height_px=3072", "mitoses=15", "lookalikes=15",
                           "artefacts=75", "nonspecific=11"})
    settings += fmt::format(" --set slides/pairs.{}", size);
  for (const char* step : {"network1", "network2"})
    settings +=
        fmt::format(" --set {0}/train_cnn.width_factor=0.1 --set {0}/batches.epochs=4", step);
  const auto out = folder.path() / "study";
  const auto command = fmt::format("sweep pipelines/studies/phh3_study.yaml{} --out {} --store {}",
                                   settings, out.string(), (folder.path() / "store").string());

  const auto first = mitoloom(command);
  const auto again = mitoloom(command);

  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("network2: done in"));
  for (const char* file : {"sheet2/label.html", "labels2/labels_observer4.csv", "network2/model.h5",
                           "network2/agreement.md", "reference/test_1/certificate.json"})
    EXPECT_TRUE(fs::exists(out / file)) << file;
  EXPECT_THAT(read_file(out / "reference/reference_study.md"),
              HasSubstr("| reference against all mitoses |"));
  EXPECT_THAT(read_file(out / "sweep.csv"), HasSubstr("\nreference,,done,"));
  EXPECT_THAT(again.out, HasSubstr("1 runs: 0 done now, 1 done before, 0 failed"));
}

}  // namespace
}  // namespace mito
