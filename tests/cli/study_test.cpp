// The sweeps of the paper's tables through the program, on slides so small that it takes seconds.
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
namespace fs = std::filesystem;
using Json = nlohmann::json;

/// Of one network in a sweep over pipelines that name it differently.
std::string briefly(const std::string& network) {
  return fmt::format(
      "  {0}.batches.epochs: 1\n  {0}.batches.samples_per_epoch: 64\n"
      "  {0}.members.width_factor: 0.08\n",
      network);
}

/// Three rows of table3.yaml with one seed.
std::string sweep_text() {
  std::string text = R"(base: SOURCE/pipelines/studies/study_cnn4.yaml
preset: small
prepare: {base: draw.yaml}
set:
  slide: ["$prepared/train_*_he.svs", $prepared/validation_1_he.svs]
  validation_slide: $prepared/validation_1_he.svs
  own_slide: [$prepared/own_1_he.svs]
  foreign_slide: [$prepared/foreign_1_he.svs]
  annotations: $prepared/*_mitoses.csv
  cohort: cohort.csv
  split.validation_cases: [validation_1]
  teacher.cnn3_patches.negatives: 0
  detector.teacher.cnn3_patches.negatives: 0
  data.stain.tile_px: 256
  data.stain.max_empty: 0.9
  data.stain.min_tissue: 0.05
)";
  for (const char* network : {"teacher.cnn3", "teacher.cnn4", "detector.teacher.cnn3",
                              "detector.teacher.cnn4", "detector.cnn5"})
    text += briefly(network);
  text += R"(variants:
  single: {teacher.cnn4_patches.members: 1}
  ensemble: {teacher.cnn4_patches.members: 2}
  distilled: {base: SOURCE/pipelines/studies/study_cnn5.yaml, detector.teacher.cnn4_patches.members: 2}
seeds:
  values: [1000]
  set: [teacher.cnn3_patches.seed, teacher.cnn4_patches.seed, detector.teacher.cnn3_patches.seed,
        detector.teacher.cnn4_patches.seed, detector.cnn5_member.seed]
)";
  const std::string source = "SOURCE";
  for (auto at = text.find(source); at != std::string::npos; at = text.find(source))
    text.replace(at, source.size(), MITO_SOURCE_DIR);
  return text;
}

std::string drawing_text() {
  return fmt::format(
      "inputs:\n  table: {{type: file, default: cohort.csv}}\nnodes:\n  drawn:\n"
      "    include: {}/pipelines/parts/phantoms_he.yaml\n    with: {{table: $table, side_px: "
      "1024}}\n",
      MITO_SOURCE_DIR);
}

TEST(Study, RowsOfTable3ShareTheirNetworksAndAreMeasuredPerLaboratory) {
  const test::TempFolder folder;
  const auto out = folder.path() / "out";
  std::ofstream(folder.path() / "sweep.yaml") << sweep_text();
  std::ofstream(folder.path() / "draw.yaml") << drawing_text();
  std::ofstream(folder.path() / "cohort.csv")
      << "case,centre,seed,mitoses,lookalikes\ntrain_1,in_house,1,4,3\ntrain_2,in_house,2,4,3\n"
         "validation_1,in_house,3,4,3\nown_1,in_house,4,4,3\nforeign_1,violet,5,4,3\n";

  const auto result =
      mitoloom(fmt::format("sweep {0}/sweep.yaml --progress off --store {0}/store --out {0}/out",
                           folder.path().string()));

  ASSERT_EQ(result.code, 0) << result.err;
  const auto models = [&](const std::string& variant, const std::string& file) {
    return nn::load_model(out / variant / "seed-1000" / file);
  };
  EXPECT_EQ(models("single", "cnn3.h5").digest(), models("distilled", "cnn3.h5").digest());
  EXPECT_EQ(models("ensemble", "cnn4.h5").digest(), models("distilled", "cnn4.h5").digest());
  EXPECT_EQ(models("ensemble", "cnn4.h5").size(), 2U);
  EXPECT_EQ(models("ensemble", "cnn4.h5").members()[0].digest(),
            models("single", "cnn4.h5").digest());
  const auto stored = fs::directory_iterator(folder.path() / "store" / "train_cnn");
  EXPECT_EQ(std::distance(fs::begin(stored), fs::end(stored)), 4);  // CNN3, two CNN4, CNN5
  for (const auto& [group, centre] :
       {std::pair{"own", "in_house"}, std::pair{"foreign", "violet"}}) {
    const Json report =
        Json::parse(read_file(out / "distilled" / "seed-1000" / group / "evaluation.json"));
    EXPECT_EQ(report["objects"], 4) << group;
    EXPECT_EQ(report["centres"][0]["centre"], centre);
    EXPECT_EQ(report["threshold_chosen_on"], "tuning on 1 cases by f1: validation_1");
  }
}

}  // namespace
}  // namespace mito
