// The main job from the command line: pipelines/detect/detect.yaml on a drawn slide with an
// untrained network, whose outputs lie around 0.5; so objects are formed at 0.5 here.
#include <array>
#include <csignal>
#include <cstdlib>
#include <vector>

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
using ::testing::Not;
namespace fs = std::filesystem;
using Json = nlohmann::json;

class MainJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    const auto drawn = mitoloom(fmt::format(
        "run pipelines/slides/draw_slide.yaml --no-store --progress off --out {} --set "
        "drawing.width_px=2560 "
        "--set drawing.height_px=2048 --set drawing.mitoses=6 --set drawing.lookalikes=6 --set "
        "drawing.name=slide",
        folder_->path().string()));
    ASSERT_EQ(drawn.code, 0) << drawn.err;
    nn::ModelInfo info;
    info.architecture = nn::table2(0.15, nn::rule_from("even_floor"), 0.01);
    nn::save_model(nn::Model(info, nn::initial_tensors(info.architecture, 7, "test")),
                   folder_->path() / "model.h5");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  /// Arguments of a run with its own output folder and store, both named `name`.
  static std::string arguments(const std::string& name, const std::string& more = "") {
    const fs::path base = folder_->path();
    return fmt::format(
        "pipelines/detect/detect.yaml --set slide={} --set model={} --set objects.binarise=0.5 "
        "--set "
        "objects.min_probability=0.5 --out {} --store {} {}",
        (base / "slide.svs").string(), (base / "model.h5").string(), (base / name / "out").string(),
        (base / name / "store").string(), more);
  }
  static fs::path out(const std::string& name) { return folder_->path() / name / "out"; }
  static std::string stored(const std::string& name, const std::string& node_type) {
    for (const auto& entry : fs::directory_iterator(folder_->path() / name / "store" / node_type))
      return read_file(entry.path() / "data.h5");
    return "";
  }
  static test::Outcome run(const std::string& name, const std::string& more = "") {
    return mitoloom("run " + arguments(name, "--progress off " + more));
  }
  /// The run that others are compared with.
  static void reference() {
    if (fs::exists(out("reference") / "result.json")) return;
    const auto result = run("reference", "--jobs 2");
    ASSERT_EQ(result.code, 0) << result.err;
  }

  static test::TempFolder* folder_;
};

test::TempFolder* MainJob::folder_ = nullptr;

TEST_F(MainJob, WritesEveryResult) {
  reference();

  for (const char* file : {"detections.csv", "detections.geojson", "detections.xml",
                           "probability.tif", "overlay.jpg", "result.json", "evaluation.json"})
    EXPECT_GT(fs::file_size(out("reference") / file), 0U) << file;
  const Json result = Json::parse(read_file(out("reference") / "result.json"));
  EXPECT_EQ(result["slide"]["mpp_x"], 0.25);
  EXPECT_GT(result["tissue_mm2"], 0.05);
  EXPECT_GT(result["detections"], 0);
  EXPECT_THAT(result["not_a_medical_device"].get<std::string>(), HasSubstr("Research use only"));
  for (const auto& entry : fs::recursive_directory_iterator(folder_->path() / "reference"))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("tmp")));
}

TEST_F(MainJob, ASecondRunComputesNothing) {
  reference();

  const auto result = run("reference");

  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("everything was cached"));
}

TEST_F(MainJob, AChangedOptionRerunsOnlyWhatFollowsAndPlanSaysWhy) {
  reference();
  const std::string change = "--set objects.min_distance_um=20";

  const auto planned = mitoloom("plan " + arguments("reference", change));
  const auto result = run("reference", change + " --json");

  EXPECT_THAT(planned.out,
              HasSubstr("objects              runs: parameter min_distance_um 25 -> 20"));
  EXPECT_THAT(planned.out, HasSubstr("dense.probability    cached"));
  const Json runs = Json::parse(result.out)["node_runs"];
  EXPECT_FALSE(runs.contains("dense.probability"));
  EXPECT_FALSE(runs.contains("candidates_per_tile"));
  EXPECT_EQ(runs["objects"], 1);
  EXPECT_EQ(run("reference", "").code, 0);  // back to what the other tests compare with
}

TEST_F(MainJob, MayOpenAsManyFilesAsTheSystemAllows) {
  const auto result =
      mitoloom("run " + arguments("many_files", "--progress off"), "ulimit -S -n 16");

  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(MainJob, ResultsDoNotDependOnThreadsTileSizeOrMemory) {
  reference();
  int n = 0;
  for (const char* more : {"--jobs 1", "--jobs 2 --memory 200M --set dense.tiles.size_px=512",
                           "--jobs 1 --set dense.tiles.size_px=256"}) {
    const std::string name = fmt::format("variant{}", n++);
    ASSERT_EQ(run(name, more).code, 0);

    EXPECT_TRUE(stored(name, "collect_candidates") == stored("reference", "collect_candidates"))
        << more;
    for (const char* file : {"detections.csv", "probability.tif"}) {
      EXPECT_TRUE(read_file(out(name) / file) == read_file(out("reference") / file))
          << more << file;
    }
  }
}

TEST_F(MainJob, NeedsNoNetworkLibraryOnAProcessor) {
  reference();
  ASSERT_EQ(::setenv("MITO_NN_LIBRARY", "/nonexistent", 1), 0);

  const auto own = run("no_library");
  const auto torch = run("no_library", "--set dense.probability.backend=torch");

  ::unsetenv("MITO_NN_LIBRARY");
  ASSERT_EQ(own.code, 0) << own.err;
  EXPECT_TRUE(read_file(out("no_library") / "probability.tif") ==
              read_file(out("reference") / "probability.tif"));
  EXPECT_EQ(torch.code, 1);
  EXPECT_THAT(torch.err, HasSubstr("/nonexistent: not there"));
}

// With a trained network: the drawn one is flat where it decides.
TEST_F(MainJob, BothBackendsFindTheSameMitoses) {
  const std::string trained =
      "--set model=data/models/he_detector.h5 --set objects.min_probability=0.8 --set "
      "dense.probability.backend=";
  for (const std::string backend : {"fft", "torch"})
    ASSERT_EQ(run(backend, trained + backend).code, 0);

  const auto positions = [](const std::string& name) {
    std::vector<std::array<double, 3>> found;
    const Json file = Json::parse(read_file(out(name) / "detections.geojson"));
    for (const auto& feature : file.at("features")) {
      if (feature.at("properties").at("classification").at("name") != "Mitosis") continue;
      const auto& at = feature.at("geometry").at("coordinates")[0][0];  // the right of its circle
      const auto& measured = feature.at("properties").at("measurements");
      found.push_back({at[0], at[1], measured.at("probability")});
    }
    return found;
  };
  const auto own = positions("fft");
  const auto torch = positions("torch");
  ASSERT_GT(own.size(), 0U);
  ASSERT_EQ(own.size(), torch.size());
  for (std::size_t i = 0; i < own.size(); ++i) {
    EXPECT_NEAR(own[i][0], torch[i][0], 0.02);  // positions are written to a 64th of a pixel
    EXPECT_NEAR(own[i][1], torch[i][1], 0.02);
    EXPECT_NEAR(own[i][2], torch[i][2], 1e-4);
  }
}

TEST_F(MainJob, AKilledRunGoesOnAndEndsWithTheSameBytes) {
  reference();
  using namespace std::chrono_literals;
  int killed = 0;
  for (const auto after : {600ms, 1100ms, 1700ms}) {
    killed +=
        signalled("run " + arguments("killed", "--progress off"), SIGKILL, after) == -1 ? 1 : 0;
    for (const char* file : {"detections.csv", "result.json"}) {
      EXPECT_TRUE(!fs::exists(out("killed") / file) || fs::file_size(out("killed") / file) > 0);
    }
  }
  EXPECT_GT(killed, 0) << "the run ended before it could be killed";

  const auto resumed = run("killed");

  EXPECT_EQ(resumed.code, 0) << resumed.err;
  for (const char* node : {"he_candidates", "cnn_dense"})
    EXPECT_TRUE(stored("killed", node) == stored("reference", node)) << node;
  for (const char* file :
       {"detections.csv", "detections.geojson", "detections.xml", "probability.tif"})
    EXPECT_TRUE(read_file(out("killed") / file) == read_file(out("reference") / file)) << file;
}

TEST_F(MainJob, CtrlCLeavesAResumableStore) {
  using namespace std::chrono_literals;
  const int code = signalled("run " + arguments("interrupted", "--progress off"), SIGINT, 1200ms);
  if (code == 0) GTEST_SKIP() << "the run ended before it could be interrupted";

  EXPECT_EQ(code, 130);
  EXPECT_EQ(run("interrupted").code, 0);
}

TEST_F(MainJob, KeepGoingReportsTheBadSlideAndFinishesTheOthers) {
  reference();
  std::ofstream(folder_->path() / "bad.svs") << "this is not a slide\n";
  const std::string slides =
      fmt::format("--set 'slide=[{}, {}]'", (folder_->path() / "slide.svs").string(),
                  (folder_->path() / "bad.svs").string());

  const auto strict = run("mixed", slides);
  const auto lenient = run("mixed", slides + " --keep-going");

  EXPECT_EQ(strict.code, 1);
  EXPECT_THAT(strict.err, HasSubstr("bad.svs"));
  EXPECT_EQ(lenient.code, 3);
  EXPECT_THAT(lenient.err, HasSubstr("error: slide 'bad'"));
  EXPECT_TRUE(fs::exists(out("mixed") / "slide" / "result.json"));
  EXPECT_FALSE(fs::exists(out("mixed") / "bad" / "result.json"));
}

}  // namespace
}  // namespace mito
