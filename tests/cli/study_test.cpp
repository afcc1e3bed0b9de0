// The sweeps of the paper's tables through the program, on slides so small that it takes seconds,
// and the drawn studies that they take.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/graph/pipeline.h"
#include "engine/nn/model.h"
#include "engine/types/cohort_table.h"
#include "tests/cli/program.h"

namespace mito {
namespace {

using testing::mitoloom;
using testing::read_file;
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
  std::string text = R"(base: SOURCE/pipelines/study_cnn4.yaml
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
  distilled: {base: SOURCE/pipelines/study_cnn5.yaml, detector.teacher.cnn4_patches.members: 2}
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
  std::string text = "nodes:\n";
  int seed = 0;
  for (const char* name : {"train_1", "train_2", "validation_1", "own_1", "foreign_1"}) {
    text += fmt::format(
        "  {0}:\n    include: {1}/pipelines/parts/phantom_he.yaml\n"
        "    with: {{name: {0}, centre: {2}, seed: {3}, mitoses: 4, lookalikes: 3, side_px: "
        "1024}}\n",
        name, MITO_SOURCE_DIR, name[0] == 'f' ? "violet" : "in_house", ++seed);
  }
  return text;
}

TEST(Study, RowsOfTable3ShareTheirNetworksAndAreMeasuredPerLaboratory) {
  const testing::TempFolder folder;
  const auto out = folder.path() / "out";
  std::ofstream(folder.path() / "sweep.yaml") << sweep_text();
  std::ofstream(folder.path() / "draw.yaml") << drawing_text();
  std::ofstream(folder.path() / "cohort.csv")
      << "case,centre\nvalidation_1,home\nown_1,home\nforeign_1,abroad\n";

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
  for (const auto& [group, centre] : {std::pair{"own", "home"}, std::pair{"foreign", "abroad"}}) {
    const Json report =
        Json::parse(read_file(out / "distilled" / "seed-1000" / group / "evaluation.json"));
    EXPECT_EQ(report["objects"], 4) << group;
    EXPECT_EQ(report["centres"][0]["centre"], centre);
    EXPECT_EQ(report["threshold_chosen_on"], "tuning on 1 cases by f1: validation_1");
  }
}

/// A value that `parts/phantom_he.yaml` gets for each case of a drawing, by name of the case.
std::map<std::string, std::string> drawn(const std::string& pipeline, const std::string& param) {
  Diagnostics problems;
  const auto found = graph::load_pipeline(
      fs::path(MITO_SOURCE_DIR) / "pipelines/phantoms" / pipeline, {}, problems);
  problems.throw_if_any();
  std::map<std::string, std::string> out;
  for (const auto& node : found.nodes)
    out[node.params.find("name")->scalar] = node.params.find(param)->scalar;
  return out;
}

TEST(Study, TheTablesOfTheDrawnStudiesSayWhatIsDrawn) {
  for (const std::string name : {"cohort", "graded"}) {
    const auto table =
        read_cohort_table(fs::path(MITO_SOURCE_DIR) / "pipelines/phantoms" / (name + ".csv"));
    const auto centres = drawn(name + ".yaml", "centre");
    const auto mitoses = drawn(name + ".yaml", "mitoses");
    EXPECT_GT(table.rows.size(), 15U);
    for (const auto& row : table.rows) {
      ASSERT_TRUE(centres.contains(row.case_id)) << row.case_id;
      EXPECT_EQ(row.centre, centres.at(row.case_id)) << row.case_id;
      if (!row.proliferation) continue;
      const int count = std::stoi(mitoses.at(row.case_id));
      EXPECT_EQ(*row.proliferation, count) << row.case_id;
      EXPECT_EQ(row.grade, count <= 6 ? 1 : count <= 20 ? 2 : 3) << row.case_id;
    }
  }
}

TEST(Study, NoTwoDrawnCasesAreTheSameSection) {
  for (const char* pipeline : {"cohort.yaml", "graded.yaml"}) {
    std::set<std::string> seeds;
    for (const auto& [name, seed] : drawn(pipeline, "seed"))
      EXPECT_TRUE(seeds.insert(seed).second) << name;
  }
}

}  // namespace
}  // namespace mito
