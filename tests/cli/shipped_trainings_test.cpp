// The shipped pipelines that train networks, on drawn slides and frames, each at its smallest: what
// they say of nodes, ports and files has to work, not how good the networks are.
#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/nn/model.h"
#include "nodes/drawn/phantom/phantom.h"
#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
namespace fs = std::filesystem;

/// Frames of some cases, with the marks of their mitoses beside them: H03_1.jpg, frames.csv.
void draw_frames(const fs::path& folder, const std::vector<std::string>& cases) {
  fs::create_directories(folder);
  std::ofstream marks(folder / "frames.csv");
  marks << "image,x,y,label\n";
  for (std::size_t i = 0; i < cases.size(); ++i) {
    phantom::Params params;
    params.width_px = params.height_px = 1024;
    params.mitoses = 5;
    params.lookalikes = 5;
    params.artefacts = params.nonspecific = 0;
    params.shift_x_um = params.shift_y_um = 0;
    params.slides = "he";
    params.seed = static_cast<std::int64_t>(i) + 1;
    const phantom::Phantom pair(params);
    auto rgb = pair.render(phantom::Stain::He, {0, 0, 1024, 1024});
    const cv::Mat image(1024, 1024, CV_8UC3, rgb.data());
    cv::cvtColor(image, image, cv::COLOR_RGB2BGR);
    cv::imwrite((folder / (cases[i] + "_1.jpg")).string(), image);
    for (const auto& object : pair.objects()) {
      const auto at = pair.position(object, phantom::Stain::He);
      if (object.kind == phantom::Kind::Mitosis)
        marks << fmt::format("{}_1.jpg,{},{},mitosis\n", cases[i], at.x, at.y);
    }
  }
}

/// Frames as tools/detector_data.py lays them out: of patients, a scanner of crops, fields and
/// tiles. In atypical.csv every other mitosis is a typical one.
void draw_sets(const fs::path& folder) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"a", "H12"}, {"b", "XR"}, {"c", "case10"}, {"d", "tile-1"}, {"e", "H15"}, {"f", "H03"}};
  std::vector<std::string> names;
  for (const auto& [name, case_id] : cases) names.push_back(name);
  draw_frames(folder, names);
  std::ifstream drawn(folder / "frames.csv");
  std::ofstream marks(folder / "marks.csv");
  std::ofstream atypical(folder / "atypical.csv");
  std::ofstream sizes(folder / "sizes.csv");
  for (auto* table : {&marks, &atypical}) *table << "image,case,x,y,label\n";
  sizes << "slide,mpp\n";
  for (const auto& [name, case_id] : cases) sizes << name << "_1.jpg,0.25\n";
  std::string line;
  std::getline(drawn, line);
  for (int row = 0; std::getline(drawn, line); ++row) {
    const auto comma = line.find(',');
    const auto own = std::ranges::find(names, line.substr(0, 1)) - names.begin();
    const auto place = line.substr(comma, line.rfind(',') - comma);
    const auto start =
        line.substr(0, comma) + "," + cases[static_cast<std::size_t>(own)].second + place;
    marks << start << ",mitosis\n";
    atypical << start << (row % 2 == 0 ? ",mitosis\n" : ",hard_negative\n");
  }
}

/// One epoch of a few small batches.
std::string briefly(const std::vector<std::string>& networks) {
  std::string text;
  for (const auto& network : networks)
    text += fmt::format(
        " --set {0}.batches.epoch=number --set {0}.batches.epochs=1 --set "
        "{0}.batches.samples_per_epoch=32 --set {0}.members.width_factor=0.08",
        network);
  return text;
}

/// As many negatives as there are.
std::string all_negatives(const std::vector<std::string>& samples) {
  std::string text;
  for (const auto& sample : samples)
    text += fmt::format(" --set {0}.positives=0 --set {0}.negatives=0", sample);
  return text;
}
const std::vector<std::string> kOfATeacher{"teacher.validation", "teacher.cnn3_patches",
                                           "teacher.cnn4_patches"};
const std::vector<std::string> kOfADetector{
    "detector.teacher.validation", "detector.teacher.cnn3_patches", "detector.teacher.cnn4_patches",
    "detector.cnn5_patches"};

/// So low thresholds that a network of one step detects something.
std::string unsure_objects(const std::string& part) {
  return fmt::format(" --set {0}.objects.binarise=0.3 --set {0}.objects.min_probability=0.3", part);
}
std::string unsure(const std::string& part) {
  return unsure_objects(part) + fmt::format(" --set {}.counts.lowest=0.3", part);
}

class ShippedTraining : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    draw_frames(folder_->path() / "frames", {"H03", "H04", "H10", "H14", "H15"});
    std::ofstream(folder_->path() / "cases.csv")
        << "slide,case,centre,seed,mitoses,lookalikes,grade,proliferation\na_he,a,in_house,11,5,5,"
           "1,5\n"
           "b_he,b,in_house,12,5,5,1,5\nc_he,c,in_house,13,4,5,1,4\nd_he,d,in_house,14,3,5,1,3\n"
           "e_he,e,in_house,15,6,5,1,6\nf_he,f,in_house,16,8,5,2,8\n";
    run("phantoms/graded", "slides",
        "--no-store --set side_px=1024 --set table=" + at("cases.csv"));
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static std::string at(const std::string& name) { return (folder_->path() / name).string(); }
  static void run(const std::string& pipeline, const std::string& out, const std::string& more) {
    const auto result = mitoloom(fmt::format(
        "run pipelines/{}.yaml --progress off --out {} {} {}", pipeline, at(out),
        more.find("--no-store") == std::string::npos ? "--store " + at("store") : std::string(),
        more));
    ASSERT_EQ(result.code, 0) << pipeline << "\n" << result.err;
  }
  static std::string frames() {
    return fmt::format("--set 'image={0}/*.jpg' --set annotations={0}/frames.csv", at("frames"));
  }
  /// Slides a, b to train with, the names of the inputs from there on are given.
  static std::string slides(const std::string& which) {
    return fmt::format("--set 'slide={}' --set 'annotations={}'", at("slides/" + which + "_he.svs"),
                       at("slides/*_mitoses.csv"));
  }
  static std::string small_stain(const std::string& part = "data") {
    return fmt::format(
        " --set {0}.stain.tile_px=256 --set {0}.stain.max_empty=0.9 --set "
        "{0}.stain.min_tissue=0.05 "
        "--set {0}.stain.min_training=500",
        part);
  }
  static bool is_model(const std::string& file) {
    return fs::exists(at(file)) && nn::load_model(at(file)).size() > 0;
  }

  static test::TempFolder* folder_;
};

test::TempFolder* ShippedTraining::folder_ = nullptr;

TEST_F(ShippedTraining, TrainDetectorAndEvaluatePatches) {
  run("train/train_detector", "detector",
      "--preset small " + slides("[abc]") + small_stain() +
          " --set split.training_count=1 --set split.validation_count=1 --set split.test_count=1 "
          "--set detector.teacher.cnn4_patches.members=1" +
          all_negatives(kOfADetector) +
          briefly({"detector.teacher.cnn3", "detector.teacher.cnn4", "detector.cnn5"}));
  for (const char* file : {"cnn3.h5", "cnn4.h5", "cnn5.h5"})
    EXPECT_TRUE(is_model(std::string("detector/") + file)) << file;

  run("evaluate/evaluate_patches", "patches",
      "--preset small " + slides("d") + small_stain() + " --set model=" + at("detector/cnn5.h5"));
  EXPECT_TRUE(fs::exists(at("patches/patches_evaluation.json")));
}

TEST_F(ShippedTraining, TrainRealAndEvaluateFrames) {
  run("train/train_real", "real",
      frames() + " --set detector.teacher.cnn4_patches.members=1" + all_negatives(kOfADetector) +
          briefly({"detector.teacher.cnn3", "detector.teacher.cnn4", "detector.cnn5"}));
  EXPECT_TRUE(is_model("real/cnn5.h5"));

  run("evaluate/evaluate_frames", "frames_evaluated",
      fmt::format("--set image={0}/H04_1.jpg --set image.assume_mpp=0.2274 --set "
                  "annotations={0}/frames.csv --set model={1}",
                  at("frames"), at("real/cnn5.h5")));
  EXPECT_TRUE(fs::exists(at("frames_evaluated/patches_evaluation.json")));
}

TEST_F(ShippedTraining, AFoldOfTheDetectorAndTheStudentOfAllFolds) {
  run("train/he_detector_fold", "folds/H04",
      "--preset detector " + frames() + " --set 'split.validation_cases=[H04]'" +
          all_negatives({"validation", "first_patches", "second_patches.drawn",
                         "third_patches.drawn", "fourth_patches.drawn"}) +
          briefly({"first", "second", "third", "fourth"}));
  ASSERT_TRUE(is_model("folds/H04/fold.h5"));

  run("train/he_detector", "student",
      "--preset detector " + frames() + " --set models=" + at("folds/H04/fold.h5") +
          " --set start=" + at("folds/H04/fold.h5") + all_negatives({"validation", "patches"}) +
          briefly({"student"}));
  EXPECT_TRUE(is_model("student/he_detector.h5"));
}

TEST_F(ShippedTraining, TheGeneralDetectorItsFoldsAndItsThreshold) {
  draw_sets(at("sets"));
  const std::string brief =
      fmt::format(
          "--preset study --set 'image={0}/*.jpg' --set annotations={0}/marks.csv --set "
          "sizes={0}/sizes.csv --set rounds.first_patches.negatives=40",
          at("sets")) +
      briefly({"rounds.first", "rounds.second", "rounds.third", "rounds.fourth"});
  run("train/general_detector_fold", "general_fold", brief + " --set 'split.test_cases=[H03]'");
  EXPECT_TRUE(is_model("general_fold/fold.h5"));
  EXPECT_TRUE(fs::exists(at("general_fold/patches_scores.csv")));

  run("train/general_detector", "general",
      brief + " --set threshold.min_probability=0.7 --set threshold.chosen_on=drawn");
  ASSERT_TRUE(is_model("general/general_detector.h5"));
  EXPECT_EQ(nn::load_model(at("general/general_detector.h5")).info().threshold, 0.7);

  run("train/set_threshold", "raised",
      "--set threshold.min_probability=0.9 --set threshold.chosen_on=drawn --set model=" +
          at("general/general_detector.h5"));
  const auto raised = nn::load_model(at("raised/model.h5"));
  EXPECT_EQ(raised.info().threshold, 0.9);
  EXPECT_EQ(raised.info().threshold_source, "drawn");
}

TEST_F(ShippedTraining, AFoldOfTheNetworkThatTellsAtypicalFigures) {
  draw_sets(at("figures"));
  run("train/atypical_fold", "atypical",
      fmt::format("--set 'image={0}/*.jpg' --set annotations={0}/atypical.csv --set "
                  "'split.test_cases=[H03]'",
                  at("figures")) +
          briefly({"network"}));
  EXPECT_TRUE(is_model("atypical/atypical.h5"));
  EXPECT_TRUE(fs::exists(at("atypical/patches_scores.csv")));
}

TEST_F(ShippedTraining, StudyFrames) {
  run("studies/study_frames", "study_frames",
      "--preset small " + frames() +
          fmt::format(
              " --set test_image={0}/H03_1.jpg --set test_annotations={0}/frames.csv --set "
              "crops={0}/H03_1.jpg --set crops_annotations={0}/frames.csv --set "
              "'split.validation_cases=[H10, H15]' --set 'split.training_cases=[H04]' --set "
              "split.others=unused",
              at("frames")) +
          all_negatives(kOfATeacher) + briefly({"teacher.cnn3", "teacher.cnn4"}));
  EXPECT_TRUE(is_model("study_frames/cnn4.h5"));
}

/// Longer than briefly(): thresholds can be chosen only where the networks tell slides apart.
std::string until_it_learns(const std::vector<std::string>& networks) {
  std::string text;
  for (const auto& network : networks)
    text += fmt::format(
        " --set {0}.batches.epoch=number --set {0}.batches.epochs=2 --set "
        "{0}.batches.samples_per_epoch=2560 --set {0}.members.width_factor=0.12 --set "
        "{0}.augmented.preset=RTC",
        network);
  return text;
}

/// Graded slides d and f have no marks: they are measured all the same.
TEST_F(ShippedTraining, StudyGrades) {
  run("studies/study_grades", "study_grades",
      "--preset small" + small_stain() +
          fmt::format(" --set 'slide={0}/[ab]_he.svs' --set 'annotations={0}/[abce]_mitoses.csv' "
                      "--set 'tuning_slide={0}/[cdf]_he.svs' --set test_slide={0}/e_he.svs "
                      "--set marked_tuning_slide={0}/c_he.svs --set "
                      "marked_test_slide={0}/e_he.svs --set cohort={1} --set marked_cohort={1} "
                      "--set 'split.validation_cases=[b]' --set "
                      "detector.teacher.cnn4_patches.members=1",
                      at("slides"), at("cases.csv")) +
          unsure("tuned") + unsure("tested") + unsure_objects("marked_tuned") +
          unsure_objects("marked_tested") + all_negatives(kOfADetector) +
          until_it_learns({"detector.teacher.cnn3", "detector.teacher.cnn4", "detector.cnn5"}));
  EXPECT_TRUE(fs::exists(at("study_grades/slide_evaluation.json")));
  EXPECT_TRUE(fs::exists(at("study_grades/evaluation.json")));
}

TEST_F(ShippedTraining, AugmentPreview) {
  run("train/augment_preview", "preview",
      "--set slide=" + at("slides/a_he.svs") + " --set batch.rows=2");
  int pictures = 0;
  for (const auto& entry : fs::recursive_directory_iterator(at("preview")))
    pictures += entry.path().extension() == ".png" ? 1 : 0;
  EXPECT_EQ(pictures, 2);  // of operators and of stains
}

}  // namespace
}  // namespace mito
