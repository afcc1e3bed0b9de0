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

using test::mitoloom;
using test::read_file;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using Json = nlohmann::json;

class Evaluation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    const auto base = folder_->path().string();
    int seed = 1;
    for (const char* name : {"a", "b", "c"}) {
      const auto drawn = mitoloom(fmt::format(
          "run pipelines/slides/draw_slide.yaml --no-store --progress off --out {} --set "
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
  static test::Outcome run(const std::string& pipeline,
                           const std::string& slides,
                           const std::string& out,
                           const std::string& more) {
    return command("run", pipeline, slides, out, "--progress off " + more, "store");
  }
  /// `run` or `plan`.
  static test::Outcome command(const std::string& what,
                               const std::string& pipeline,
                               const std::string& slides,
                               const std::string& out,
                               const std::string& more,
                               const std::string& store) {
    return mitoloom(fmt::format(
        "{5} pipelines/evaluate/{0}.yaml --set slide={1} --set model={2}/model.h5 --set "
        "cohort={2}/study.csv --set study.objects.binarise=0.5 --set "
        "study.objects.min_probability=0.5 --out {2}/{3} --store {2}/{6} {4}",
        pipeline, files(slides, ".svs"), folder_->path().string(), out, more, what, store));
  }
  /// A model that was trained on one case, and says nothing of images.
  static void write_model(const std::string& file, const std::string& case_id) {
    nn::ModelInfo info;
    info.architecture = nn::table2(0.15, nn::rule_from("even_floor"), 0.01);
    info.training_cases = {case_id};
    nn::save_model(nn::Model(info, nn::initial_tensors(info.architecture, 7, "test")), at(file));
  }
  static void write_tuning(const std::string& file, const std::string& case_id) {
    std::ofstream(at(file)) << fmt::format(
        R"({{"what": "mitoloom tuning", "version": "0.1.0", "measure": "f1", "rule": "any_hit",
  "min_probability": 0.6, "value": 0.5, "cases": ["{}"], "warnings": []}})",
        case_id);
  }
  /// The marks of a slide as those of another name.
  static std::string marks_as(char slide, char name) {
    auto text = read_file(at(fmt::format("{}.csv", slide)));
    for (std::size_t i = 1; i + 1 < text.size(); ++i)
      if (text[i - 1] == '\n' && text[i] == slide && text[i + 1] == ',') text[i] = name;
    return text;
  }
  static std::string marks() { return "--set annotations=" + files("abc", ".csv") + " "; }

  static test::TempFolder* folder_;
};

test::TempFolder* Evaluation::folder_ = nullptr;

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

TEST_F(Evaluation, ATunedCaseIsRefusedBeforeAnythingRuns) {
  write_tuning("early.json", "b");
  const std::string with = marks() + "--set tuning=" + at("early.json").string();
  const std::string message =
      "error: node 'evaluation' (evaluate_cohort): case 'b' is in the tuning set and in the "
      "evaluation set; sets must not share cases\n";

  const auto ran = command("run", "evaluate_detect", "abc", "early", with, "early-store");
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, message);
  EXPECT_FALSE(fs::exists(at("early-store"))) << "no node ran";
  EXPECT_FALSE(fs::exists(at("early")));
  EXPECT_EQ(command("plan", "evaluate_detect", "abc", "early", with, "early-store").err, message);
  const auto checked = mitoloom(fmt::format(
      "validate pipelines/evaluate/evaluate_detect.yaml --set slide={} --set model={} {}",
      files("abc", ".svs"), at("model.h5").string(), with));
  EXPECT_EQ(checked.code, 1);
  EXPECT_EQ(checked.err, message);

  EXPECT_EQ(command("plan", "evaluate_detect", "ac", "early", with, "early-store").code, 0);
}

TEST_F(Evaluation, TheCaseThatTheTableStatesIsTheOneRefused) {
  write_tuning("patient.json", "patient 7");
  std::ofstream(at("patients.csv"))
      << "slide,case,grade,proliferation\na,patient 6,1,0.1\nb,patient 7,2,0.2\n";
  const std::string with = "--set cohort=" + at("patients.csv").string() +
                           " --set tuning=" + at("patient.json").string() + " ";

  const auto refused = command("plan", "evaluate_slide", "ab", "early", with, "early-store");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("case 'patient 7' is in the tuning set"));
  EXPECT_EQ(command("plan", "evaluate_slide", "a", "early", with, "early-store").code, 0);
}

TEST_F(Evaluation, TheCaseThatAnnotationsStateIsTheOneRefused) {
  write_tuning("slide_name.json", "b");
  std::ofstream(at("stated.csv")) << "slide,case,x,y\na,b,100,100\nb,other,100,100\n";
  const std::string with = "--set annotations=" + at("stated.csv").string() +
                           " --set tuning=" + at("slide_name.json").string();

  EXPECT_THAT(command("plan", "evaluate_detect", "a", "early", with, "early-store").err,
              HasSubstr("case 'b' is in the tuning set"));
  const auto other = command("plan", "evaluate_detect", "b", "early", with, "early-store");
  EXPECT_EQ(other.code, 0) << other.err;
}

TEST_F(Evaluation, ACaseThatTheNetworkWasTrainedOnIsRefusedBeforeAnythingRuns) {
  write_model("trained.h5", "c");
  const std::string with = marks() + "--set model=" + at("trained.h5").string();

  const auto refused = command("run", "tune_detect", "bc", "refused", with, "refused-store");

  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("case 'c' is in the training set and in the evaluation set"));
  EXPECT_FALSE(fs::exists(at("refused-store")));
}

TEST_F(Evaluation, ACopyUnderAnotherNameIsRefusedBeforeAnythingRuns) {
  write_model("cases.h5", "c");
  const auto recorded = mitoloom(
      fmt::format("run pipelines/train/record_images.yaml --no-store --progress off --set slide={} "
                  "--set model={} --out {}",
                  files("bc", ".svs"), at("cases.h5").string(), at("recorded").string()));
  ASSERT_EQ(recorded.code, 0) << recorded.err;
  EXPECT_THAT(recorded.err, HasSubstr("neither trained nor tuned on them: images of b"));
  fs::copy_file(at("c.svs"), at("d.svs"));
  std::ofstream(at("d.csv")) << marks_as('c', 'd');
  const auto model = at("recorded/model.h5").string();
  const std::string with =
      fmt::format("--set annotations={} --set model={} --set cohort=", files("bd", ".csv"), model) +
      at("of_d.csv").string();
  std::ofstream(at("of_d.csv")) << "slide,centre\nb,Utrecht\nd,Utrecht\n";
  const std::string message = fmt::format(
      "(cohort_slide): slide 'd' of the evaluation set is, by its content, 'c' of case 'c' of the "
      "training set ({}); sets must not share cases\n",
      model);

  for (const std::string what : {"run", "plan"})
    for (const std::string pipeline : {"evaluate_detect", "tune_detect"}) {
      const auto refused = command(what, pipeline, "bd", "copied", with, "copied-store");
      EXPECT_EQ(refused.code, 1) << what << pipeline;
      EXPECT_THAT(refused.err, HasSubstr(message));
    }
  EXPECT_FALSE(fs::exists(at("copied-store"))) << "no node ran";
  EXPECT_EQ(command("plan", "evaluate_detect", "b", "copied", with, "copied-store").code, 0);

  const auto detect = fmt::format(
      "run pipelines/detect/detect.yaml --no-store --progress off --set slide={} --set model={} "
      "--out {}",
      at("d.svs").string(), model, at("found").string());
  const auto found = mitoloom(detect);
  EXPECT_EQ(found.code, 0) << "nothing is measured without the truth: " << found.err;
  EXPECT_EQ(mitoloom(detect + " --set truth=" + at("d.csv").string()).code, 1);
}

TEST_F(Evaluation, WhatIsEncodedAnewIsNotKnownAndNotCalledClean) {
  write_model("cases2.h5", "c");
  ASSERT_EQ(
      mitoloom(fmt::format("run pipelines/train/record_images.yaml --no-store --progress off "
                           "--set slide={} --set model={} --out {}",
                           files("c", ".svs"), at("cases2.h5").string(), at("recorded2").string()))
          .code,
      0);
  const auto anew = mitoloom(fmt::format(
      "run pipelines/slides/draw_slide.yaml --no-store --progress off --out {} --set "
      "drawing.width_px=1024 --set drawing.height_px=1024 --set drawing.mitoses=5 --set "
      "drawing.lookalikes=3 --set drawing.seed=3 --set drawing.name=e --set "
      "drawing.jpeg_quality=70",
      folder_->path().string()));
  ASSERT_EQ(anew.code, 0) << anew.err;
  ASSERT_EQ(read_file(at("e.csv")), marks_as('c', 'e')) << "the same figures";
  std::ofstream(at("of_e.csv")) << "slide,centre\ne,Utrecht\n";
  const auto leaks = [&](const std::string& model) {
    const auto result =
        run("evaluate_detect", "e", "anew",
            fmt::format("--set annotations={} --set model={} --set cohort={} --set "
                        "evaluation.min_probability=0.5",
                        files("e", ".csv"), at(model).string(), at("of_e.csv").string()));
    EXPECT_EQ(result.code, 0) << result.err;
    return Json::parse(read_file(at("anew/evaluation.json")))["leak_check"];
  };

  const auto known = leaks("recorded2/model.h5");
  EXPECT_EQ(
      known["content"],
      "none of the slides measured (1) is one of the 1 files of training; not known: of training, "
      "they were recorded afterwards, and there may be others; of tuning, its files were not "
      "written down; whether one was encoded anew, cut out of one of these or scanned again");
  EXPECT_THAT(known["names"].get<std::string>(),
              HasSubstr("not known: the cases of 1 of 1 slides, whose names stand for them"));
  EXPECT_THAT(read_file(at("anew/evaluation.html")), HasSubstr("whether one was encoded anew"));

  EXPECT_EQ(leaks("cases2.h5")["content"],
            "not known: of training, its files were not written down; of tuning, its files were "
            "not written down");
}

TEST_F(Evaluation, ASlideThatTunedIsRefusedUnderAnotherName) {
  const auto tuned =
      run("tune_detect", "a", "tuned2", marks() + "--set tuning.lowest=0.5 --set tuning.step=0.01");
  ASSERT_EQ(tuned.code, 0) << tuned.err;
  const Json tuning = Json::parse(read_file(at("tuned2/tuning.json")));
  ASSERT_EQ(tuning["images"].size(), 1U);
  EXPECT_EQ(tuning["images"][0]["name"], "a");
  EXPECT_EQ(tuning["images"][0]["bytes"], fs::file_size(at("a.svs")));
  EXPECT_EQ(tuning["images_not_known"], "");
  fs::copy_file(at("a.svs"), at("f.svs"));
  std::ofstream(at("f.csv")) << marks_as('a', 'f');
  std::ofstream(at("of_f.csv")) << "slide,centre\nf,Utrecht\n";
  const auto measure = [&](const std::string& what, const std::string& file) {
    return command(what, "evaluate_detect", "f", "tuned-copy",
                   fmt::format("--set annotations={} --set tuning={} --set cohort={}",
                               files("f", ".csv"), file, at("of_f.csv").string()),
                   "store");
  };
  const auto message = [](const std::string& file) {
    return fmt::format(
        "slide 'f' of the evaluation set is, by its content, 'a' of case 'a' of the tuning set "
        "({}); sets must not share cases",
        file);
  };

  const auto file = at("tuned2/tuning.json").string();
  EXPECT_THAT(measure("plan", file).err, HasSubstr(message(file)));
  // Sizes that are not known are found out where the slide is measured.
  Json changed = tuning;
  changed.erase("content_digest");
  for (auto& image : changed["images"]) image["bytes"] = 0;
  std::ofstream(at("sizeless.json")) << changed;
  const auto sizeless = at("sizeless.json").string();
  EXPECT_EQ(measure("plan", sizeless).code, 0);
  const auto refused = measure("run --progress off", sizeless);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr(message(sizeless)));
}

/// One pipeline that tunes on some slides and measures others.
TEST_F(Evaluation, APipelineThatTunesAndMeasuresOneCaseIsRefused) {
  std::ofstream(at("both.yaml")) << fmt::format(
      R"(inputs:
  tuning_slide: {{type: files}}
  slide: {{type: files}}
  annotations: {{type: files}}
  model: {{type: file}}
nodes:
  tuning_slide: {{use: slide, in: {{files: $tuning_slide}}}}
  slide: {{use: slide, in: {{files: $slide}}}}
  table: {{use: annotations, in: {{files: $annotations}}, params: {{unlabelled: mitosis}}}}
  model: {{use: load_model, in: {{file: $model}}}}
  tuning_study:
    include: {0}/pipelines/parts/cohort_slide.yaml
    with: {{slide: tuning_slide, model: model, annotations: table}}
  study:
    include: {0}/pipelines/parts/cohort_slide.yaml
    with: {{slide: slide, model: model, annotations: table}}
  tuned: {{use: tune_detection, in: {{slide: tuning_study.beside}}}}
  evaluation: {{use: evaluate_cohort, in: {{slide: study.beside, tuning: tuned}}}}
)",
      MITO_SOURCE_DIR);
  const auto run_both = [&](const std::string& what, const std::string& slides) {
    return mitoloom(fmt::format("{} {} --set tuning_slide={} --set slide={} --set model={} {}",
                                what, at("both.yaml").string(), files("ab", ".svs"),
                                files(slides, ".svs"), at("model.h5").string(), marks()));
  };

  const auto refused = run_both(fmt::format("run --no-store --out {}", at("both").string()), "bc");
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.err,
            "error: node 'evaluation' (evaluate_cohort): case 'b' is in the tuning set and in the "
            "evaluation set; sets must not share cases\n");
  EXPECT_FALSE(fs::exists(at("both")));
  const auto other = run_both("validate", "c");
  EXPECT_EQ(other.code, 0) << other.err;
}

TEST_F(Evaluation, FilesDoNotDependOnThreadsOrTheOrderOfSlides) {
  const std::string low = marks() + "--set evaluation.min_probability=0.5 ";
  ASSERT_EQ(run("evaluate_detect", "abc", "one", low + "--jobs 1").code, 0);
  ASSERT_EQ(run("evaluate_detect", "cab", "two", low + "--jobs 2 --no-store").code, 0);

  for (const char* file :
       {"evaluation.json", "evaluation.csv", "evaluation_cases.csv", "evaluation_details.csv",
        "evaluation_curve.csv", "evaluation_curve.vl.json", "evaluation.html",
        "evaluation_froc.csv", "evaluation_calibration.csv"}) {
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
  const auto page = read_file(at("shown/evaluation.html"));
  EXPECT_THAT(page, HasSubstr("Misses and false alarms"));
  EXPECT_THAT(page, HasSubstr("data:image/jpeg;base64,"));

  const int code = test::view_page(at("shown/evaluation.html"), 3);

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
  const auto result =
      mitoloom(fmt::format("run pipelines/detect/submission.yaml --progress off --set slide={} "
                           "--set model={}/model.h5 --out "
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
