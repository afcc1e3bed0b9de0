// Tuning and evaluation from the command line, on drawn slides with an untrained network, whose
// outputs lie around 0.5; so objects are formed and thresholds are tried from 0.5 on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/nn/model.h"
#include "tests/cli/program.h"
#include "tests/report/pages.h"

namespace mito {
namespace {

using ::testing::HasSubstr;
using testing::mitoloom;
using testing::read_file;
namespace fs = std::filesystem;
using Json = nlohmann::json;

class Evaluation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new testing::TempFolder;
    const auto base = folder_->path().string();
    int seed = 1;
    for (const char* name : {"a", "b", "c"}) {
      const auto drawn = mitoloom(fmt::format(
          "run pipelines/draw_slide.yaml --no-store --progress off --out {} --set "
          "drawing.width_px=1024 --set drawing.height_px=1024 --set drawing.mitoses=5 --set "
          "drawing.lookalikes=3 --set drawing.seed={} --set drawing.name={}",
          base, seed++, name));
      ASSERT_EQ(drawn.code, 0) << drawn.err;
    }
    nn::ModelInfo info;
    info.architecture = nn::table2(0.15, nn::rule_from("even_floor"), 0.01);
    nn::save_model(nn::Model(info, nn::initial_tensors(info.architecture, 7, "test")),
                   folder_->path() / "model.h5");
    std::ofstream(folder_->path() / "study.csv")
        << "slide,centre,grade,proliferation\na,Utrecht,1,0.1\nb,Utrecht,2,0.2\nc,Nijmegen,3,0.3\n";
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static fs::path at(const std::string& name) { return folder_->path() / name; }
  /// Slides or their marks: "[base/a.svs,base/b.svs]".
  static std::string files(const std::string& names, const std::string& extension) {
    std::vector<std::string> paths;
    for (const char name : names)
      paths.push_back((folder_->path() / fmt::format("{}{}", name, extension)).string());
    return fmt::format("'[{}]'", fmt::join(paths, ","));
  }
  static testing::Outcome run(const std::string& pipeline,
                              const std::string& slides,
                              const std::string& out,
                              const std::string& more) {
    return mitoloom(fmt::format(
        "run pipelines/{0}.yaml --progress off --set slide={1} --set model={2}/model.h5 --set "
        "cohort={2}/study.csv --set study.objects.binarise=0.5 --set "
        "study.objects.min_probability=0.5 --out {2}/{3} --store {2}/store {4}",
        pipeline, files(slides, ".svs"), folder_->path().string(), out, more));
  }
  static std::string marks() { return "--set annotations=" + files("abc", ".csv") + " "; }

  static testing::TempFolder* folder_;
};

testing::TempFolder* Evaluation::folder_ = nullptr;

TEST_F(Evaluation, ATunedThresholdIsMeasuredOnOtherCasesAndRefusedOnItsOwn) {
  const auto tuned =
      run("tune_detect", "a", "tuned", marks() + "--set tuning.lowest=0.5 --set tuning.step=0.01");
  ASSERT_EQ(tuned.code, 0) << tuned.err;
  const Json tuning = Json::parse(read_file(at("tuned/tuning.json")));
  EXPECT_EQ(tuning["cases"], Json{"a"});
  EXPECT_THAT(read_file(at("tuned/tuning_delta.csv")), HasSubstr("threshold,tp,fp,fn,"));

  const std::string with = marks() + "--set tuning=" + at("tuned/tuning.json").string();
  const auto measured = run("evaluate_detect", "bc", "measured", with + " --jobs 2");
  ASSERT_EQ(measured.code, 0) << measured.err;
  const Json report = Json::parse(read_file(at("measured/evaluation.json")));
  EXPECT_EQ(report["threshold"], tuning["min_probability"]);
  EXPECT_EQ(report["threshold_chosen_on"], "tuning on 1 cases by f1: a");
  EXPECT_EQ(report["objects"], 10);
  EXPECT_EQ(report["centres"].size(), 2U);

  const auto refused = run("evaluate_detect", "ab", "refused", with);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("case 'a' is in the tuning set and in the evaluation set"));
  EXPECT_FALSE(fs::exists(at("refused/evaluation.json")));
  EXPECT_FALSE(fs::exists(at("refused/evaluation.csv")));
}

TEST_F(Evaluation, FilesDoNotDependOnThreadsOrTheOrderOfSlides) {
  const std::string low = marks() + "--set evaluation.min_probability=0.5 ";
  ASSERT_EQ(run("evaluate_detect", "abc", "one", low + "--jobs 1").code, 0);
  ASSERT_EQ(run("evaluate_detect", "cab", "two", low + "--jobs 2 --no-store").code, 0);

  for (const char* file :
       {"evaluation.json", "evaluation.csv", "evaluation_curve.csv", "evaluation_curve.vl.json",
        "evaluation.html", "evaluation_froc.csv", "evaluation_calibration.csv"}) {
    EXPECT_GT(fs::file_size(at("one") / file), 0U) << file;
    EXPECT_EQ(read_file(at("one") / file), read_file(at("two") / file)) << file;
  }
}

TEST_F(Evaluation, ThePageOpensInABrowserWithoutNetwork) {
  const auto result = run("evaluate_detect", "abc", "shown",
                          marks() +
                              "--set evaluation.min_probability=0.5 --set "
                              "evaluation.data_set='drawn slides'");
  ASSERT_EQ(result.code, 0) << result.err;

  const int code = testing::view_page(at("shown/evaluation.html"), 3);

  if (code == 77) GTEST_SKIP() << "needs Chromium: apt-get install chromium chromium-driver";
  EXPECT_EQ(code, 0);
}

TEST_F(Evaluation, GradesAreTunedOnSomeCasesAndComparedOnOthers) {
  const std::string low = "--set study.counts.lowest=0.5 --set study.counts.step=0.01 ";
  const auto tuned = run("tune_slide", "abc", "graded", low);
  ASSERT_EQ(tuned.code, 0) << tuned.err;
  EXPECT_THAT(read_file(at("graded/tuning_delta.csv")), HasSubstr("threshold,spearman\n0.5,"));

  const auto compared =
      run("evaluate_slide", "abc", "compared", low + "--set evaluation.min_probability=0.5");
  ASSERT_EQ(compared.code, 0) << compared.err;
  EXPECT_EQ(Json::parse(read_file(at("compared/slide_evaluation.json")))["slides"], 3);
  EXPECT_THAT(read_file(at("compared/slide_agreement.csv")), HasSubstr("total,,quadratic_kappa,3"));
}

TEST_F(Evaluation, ATableWithoutTheSlideNamesTheNearest) {
  std::ofstream(at("other.csv")) << "slide,centre\nb,Utrecht\n";

  const auto result =
      run("evaluate_detect", "a", "missing", marks() + "--set cohort=" + at("other.csv").string());

  EXPECT_NE(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("other.csv: no row for slide 'a' of case 'a'"));
}

TEST_F(Evaluation, SubmissionsHaveALinePerSlide) {
  const auto result = mitoloom(fmt::format(
      "run pipelines/submission.yaml --progress off --set slide={} --set model={}/model.h5 --out "
      "{}/sent --store {}/store",
      files("ab", ".svs"), folder_->path().string(), folder_->path().string(),
      folder_->path().string()));

  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(read_file(at("sent/tupac_task1_task2.csv")), "1,0\n1,0\n");
  EXPECT_EQ(read_file(at("sent/a/a.csv")), "");
  EXPECT_THAT(read_file(at("sent/b/mitotic-figures.json")), HasSubstr("Multiple points"));
}

}  // namespace
}  // namespace mito
