// The page of a run of detect.yaml, used in headless Chromium: its slider against 20 runs of the
// pipeline, its answers read by observer_result.yaml, its accessibility.
#include <fstream>
#include <set>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::read_file;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kName = "<b id=planted>slide";

class RunPage : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    const auto drawn = mitoloom(fmt::format(
        "run pipelines/slides/draw_slide.yaml --no-store --progress off --out {} --set "
        "drawing.width_px=2048 --set drawing.height_px=1536 --set drawing.mitoses=14 --set "
        "drawing.lookalikes=10 --set drawing.name=slide",
        folder_->path().string()));
    ASSERT_EQ(drawn.code, 0) << drawn.err;
    fs::rename(folder_->path() / "slide.svs", folder_->path() / (std::string(kName) + ".svs"));
    const auto run = detect("run", "");
    ASSERT_EQ(run.code, 0) << run.err;
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  /// A run with a small circle, so that thresholds move it and its grade.
  static test::Outcome detect(const std::string& name, const std::string& more) {
    std::string circle;
    for (const char* node : {"hotspot", "counting", "page"})
      circle += fmt::format("--set {}.area_mm2=0.02 ", node);
    for (const char* node : {"grade", "page"})
      circle += fmt::format("--set {0}.grade1_max_count=1 --set {0}.grade2_max_count=2 ", node);
    return mitoloom(fmt::format(
        "run pipelines/detect/detect.yaml --progress off --set 'slide={}/{}.svs' --out {} --store "
        "{} {} {}",
        folder_->path().string(), kName, (folder_->path() / name).string(),
        (folder_->path() / "store").string(), circle, more));
  }
  static fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_->path() / name) << text;
    return folder_->path() / name;
  }
  static Json result(const std::string& name) {
    return Json::parse(read_file(folder_->path() / name / "result.json"));
  }
  static Json expected(const Json& found) {
    const Json& hotspot = found["hotspot"];
    return {{"threshold", found["min_probability"]}, {"mitoses", found["detections"]},
            {"p95", hotspot["count_p95"]},           {"max", hotspot["count_max"]},
            {"positions", hotspot["positions"]},     {"grade", found["grade"]}};
  }
  /// The exit code of use_run_page.py.
  static int use(const Json& thresholds, const std::string& options) {
    const Json given{{"name", kName}, {"thresholds", thresholds}};
    const int status = std::system(
        fmt::format("{} {}/tests/nodes/outcome/use_run_page.py {} {} {} {}", MITO_PYTHON,
                    MITO_SOURCE_DIR, (folder_->path() / "run/run.html").string(),
                    write("expected.json", given.dump()).string(),
                    (folder_->path() / "saved").string(), options)
            .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static test::TempFolder* folder_;
};

test::TempFolder* RunPage::folder_ = nullptr;

constexpr int kNoChromium = 77;
constexpr const char* kNeedsChromium = "needs Chromium: apt-get install chromium chromium-driver";

TEST_F(RunPage, TheSliderSaysWhatThePipelineWouldAtTwentyThresholds) {
  Json thresholds = Json::array();
  std::set<std::pair<int, int>> different;
  for (int i = 0; i < 20; ++i) {
    const double threshold = i == 0 ? 0 : i == 19 ? 1 : 0.8 + 0.0099 * i;  // both ends
    const std::string name = fmt::format("at{}", i);
    const auto run = detect(name, fmt::format("--set objects.min_probability={}", threshold));
    ASSERT_EQ(run.code, 0) << run.err;
    thresholds.push_back(expected(result(name)));
    different.emplace(thresholds.back()["mitoses"], thresholds.back()["grade"]);
  }
  EXPECT_GT(different.size(), 4U) << thresholds.dump();

  const int code = use(thresholds, "");

  if (code == kNoChromium) GTEST_SKIP() << kNeedsChromium;
  EXPECT_EQ(code, 0);
}

TEST_F(RunPage, AnswersGivenByKeysAreReadByTheObserverPipeline) {
  const int code = use(Json::array({expected(result("run"))}), "--labels");
  if (code == kNoChromium) GTEST_SKIP() << kNeedsChromium;
  ASSERT_EQ(code, 0);

  const auto read = mitoloom(fmt::format(
      "run pipelines/evaluate/observer_result.yaml --no-store --progress off --set key={0}/run/"
      "run_key.csv --set answers={0}/saved/answers.csv --set result.missing=leave_out --out {0}/"
      "answers",
      folder_->path().string()));

  ASSERT_EQ(read.code, 0) << read.err;
  const Json report = Json::parse(read_file(folder_->path() / "answers" / "observer_result.json"));
  EXPECT_EQ(report["observers"], Json::array({"Ann \"O\" Neil"}));
  EXPECT_EQ(report["majority"]["mitotic"], 2);
  EXPECT_EQ(report["majority"]["not_mitotic"], 1);
  const auto answers = read_file(folder_->path() / "answers" / "observer_answers.csv");
  const Json given = Json::parse(read_file(folder_->path() / "saved" / "given.json"));
  for (const auto& [sample, label] : given.items()) {
    const auto line = answers.substr(answers.find("\n" + sample + ",") + 1);
    EXPECT_THAT(line.substr(0, line.find('\n')), HasSubstr("," + label.get<std::string>() + ","));
  }
}

TEST_F(RunPage, FitsItsWindowAndServesKeyboardsAndScreenReaders) {
  const fs::path axe =
      fs::path(MITO_BINARY_DIR) / "engine/report/bundle/node_modules/axe-core/axe.min.js";
  const bool has_axe = fs::exists(axe);

  const int code = use(Json::array({expected(result("run"))}),
                       "--windows" + (has_axe ? " --axe " + axe.string() : ""));

  if (code == kNoChromium) GTEST_SKIP() << kNeedsChromium;
  EXPECT_EQ(code, 0);
  if (!has_axe) GTEST_SKIP() << "needs axe-core from npm: a build with MITO_REPORT_BUNDLE";
}

TEST_F(RunPage, LeavesTheOtherResultsAsTheyAre) {
  // The same pipeline without what the page is made of.
  std::string text = read_file(fs::path(MITO_SOURCE_DIR) / "pipelines/detect/detect.yaml");
  const auto cut = [&](const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.erase(at, text.find(to, at) - at);
  };
  cut("  # What the page of the run", "  candidates_per_tile:");
  cut("  page:", "  counting:");
  cut("    page.min_probability", "    evaluation.");
  cut("    all_objects.binarise", "    objects.min_probability");
  const std::string here = std::string(MITO_SOURCE_DIR) + "/pipelines/";
  for (const char* path : {"../parts/", "../../data/"}) {
    const auto at = text.find(path);
    ASSERT_NE(at, std::string::npos) << path;
    text.insert(at, here + "detect/");
  }
  const auto pipeline = write("without.yaml", text);
  const auto run = mitoloom(fmt::format(
      "run {} --progress off --set 'slide={}/{}.svs' --set hotspot.area_mm2=0.02 --set "
      "counting.area_mm2=0.02 --set grade.grade1_max_count=1 --set grade.grade2_max_count=2 --out "
      "{} --store {}",
      pipeline.string(), folder_->path().string(), kName, (folder_->path() / "without").string(),
      (folder_->path() / "store").string()));
  ASSERT_EQ(run.code, 0) << run.err;

  EXPECT_FALSE(fs::exists(folder_->path() / "without" / "run.html"));
  for (const char* file : {"detections.csv", "detections.geojson", "detections.xml",
                           "probability.tif", "overlay.jpg", "counting.json"})
    EXPECT_TRUE(read_file(folder_->path() / "without" / file) ==
                read_file(folder_->path() / "run" / file))
        << file;
  Json with = result("run");
  Json without = result("without");
  with.erase("seconds");
  without.erase("seconds");
  EXPECT_EQ(with, without);
}

}  // namespace
}  // namespace mito
