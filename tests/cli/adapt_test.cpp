// A laboratory's own detector from the command line: places of drawn slides in a stain that the
// shipped detector does not know, answers of simulated observers, the adapted model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/nn/model.h"
#include "engine/types/points_csv.h"
#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::read_file;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using Json = nlohmann::json;

class Adapt : public ::testing::Test {
 protected:
  /// Runs a pipeline with a store of its own in the folder, into OUT of it.
  test::Outcome run(const std::string& pipeline,
                    const std::string& out,
                    const std::string& more) const {
    const auto outcome =
        mitoloom(fmt::format("run pipelines/{} --progress off --store {}/store --out {}/{} {}",
                             pipeline, base_, base_, out, more));
    EXPECT_EQ(outcome.code, 0) << pipeline << "\n" << outcome.err;
    return outcome;
  }
  /// F1 of the detections of the slide that nobody labelled, at the threshold of the model.
  double f1_elsewhere(const std::string& out, const std::string& more) const {
    run("evaluate/evaluate_detect.yaml", out,
        fmt::format("--set slide={0}/slides/test_he.svs --set annotations={0}/slides/"
                    "test_mitoses.csv --set evaluation.replicates=0 {1}",
                    base_, more));
    const auto table = CsvTable::read(folder_.path() / out / "evaluation.csv");
    return table.number(0, table.require("f1"));
  }

  test::TempFolder folder_;
  std::string base_ = folder_.path().string();
};

TEST_F(Adapt, RaisesF1InALaboratoryOfAnotherStain) {
  std::ofstream(folder_.path() / "slides.csv")
      << "case,centre,seed\nlab1,pale,521\nlab2,pale,522\ntest,pale,523\n";
  run("phantoms/cohort.yaml", "slides",
      fmt::format("--set table={}/slides.csv --set side_px=1280", base_));

  run("train/adapt_places.yaml", "places",
      fmt::format("--set 'slide={}/slides/lab*_he.svs' --set "
                  "objects.binarise=0.002 --set objects.min_probability=0.002",
                  base_));
  run("reference/phh3_simulated_labels.yaml", "answers",
      fmt::format("--set sheet={0}/places/key.csv --set 'truth={0}/slides/lab*_truth.csv' --set "
                  "observers.stain=he --set observers.observers=3",
                  base_));
  const std::string adapt =
      fmt::format("--set key={0}/places/key.csv --set 'answers={0}/answers/labels_*.csv'", base_);
  const std::string brief =
      " --set laboratory.folds.batches.epochs=2 --set laboratory.whole.batches.epochs=2";
  run("train/adapt.yaml", "adapted", adapt + brief);

  const Json report = Json::parse(read_file(folder_.path() / "adapted/adaptation.json"));
  EXPECT_GT(report["gain"].get<double>(), 0.1) << report.dump(2);
  EXPECT_EQ(report["folds"], 2);
  const auto model = nn::load_model(folder_.path() / "adapted/adapted.h5");
  EXPECT_EQ(model.info().threshold, report["threshold"].get<double>());
  EXPECT_THAT(model.info().threshold_source, HasSubstr("labelled places"));
  EXPECT_EQ(model.info().tuning_images.files.size(), 2U);
  const std::string card = read_file(folder_.path() / "adapted/adapted.md");
  EXPECT_THAT(card, HasSubstr("| lab1_he |"));

  const double before = f1_elsewhere("before", "");
  const double after = f1_elsewhere("after", "--set model=" + base_ + "/adapted/adapted.h5");
  EXPECT_GT(after, before + 0.1);

  // What it has seen is refused under any name, and nothing is trained twice.
  const auto refused = mitoloom(fmt::format(
      "run pipelines/evaluate/evaluate_detect.yaml --no-store --progress off --out {0}/refused "
      "--set slide={0}/slides/lab1_he.svs --set annotations={0}/slides/lab1_mitoses.csv --set "
      "model={0}/adapted/adapted.h5",
      base_));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("lab1_he"));
  const auto again = mitoloom(
      fmt::format("plan pipelines/train/adapt.yaml --store {0}/store --out {0}/adapted {1}{2}",
                  base_, adapt, brief));
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, ::testing::ContainsRegex("laboratory.measured +cached"));
  EXPECT_THAT(again.out, ::testing::ContainsRegex("laboratory.folds.model +not needed"));
}

// A precision over places that were drawn to inform would be that of no detector.
TEST_F(Adapt, KeyIsRefusedByTheObserverStudy) {
  std::ofstream(folder_.path() / "key.csv")
      << "sample,slide,x,y,score,reference,patch,sha256,image,weight,disagreement\n"
         "0a1b2c-0001,a,1,2,0.5,,p.png,00,,2.5,0.1\n";
  std::ofstream(folder_.path() / "ann.csv") << "sample,observer,label\n0a1b2c-0001,ann,mitotic\n";
  const auto refused = mitoloom(
      fmt::format("run pipelines/evaluate/observer_result.yaml --no-store --progress off --set "
                  "key={0}/key.csv --set answers={0}/ann.csv --out {0}/refused",
                  base_));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("drawn to inform"));
}

}  // namespace
}  // namespace mito
