// From candidates to labelled patches through the graph, as a lab would: draw, label, import.
#include "engine/types/annotation.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/graph.h"
#include "engine/slide/slide_pair.h"
#include "engine/types/pathology.h"
#include "nodes/registry.h"
#include "tests/support/drawn_slide.h"

namespace mito {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// Stands for the candidate detector: spots on a lattice.
struct LatticeSpots {
  struct Params {
    int count = 12;
    static void describe(auto& p, auto&& field) {
      field("count", p.count, {.range = {0, 1000}, .doc = "Spots."});
    }
  };
  static constexpr graph::NodeInfo kInfo{.type = "lattice_spots",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Puts spots on a lattice.",
                                         .inputs = {"slide"},
                                         .output = "spots"};

  static SpotSet run(const Params& params, const Slide& slide) {
    SpotSet set{slide.grid(0.5), 0.3, {}};
    for (int i = 0; i < params.count; ++i) {
      Spot spot;
      spot.center = {40.0 + 100 * (i % 6), 40.0 + 100 * static_cast<double>(i / 6)};
      spot.area_um2 = 20;
      spot.mean_dab = 0.5;
      set.items.push_back(spot);
    }
    return set;
  }
};

/// Stands for CNN1: every second spot is no artefact.
struct EverySecond {
  static constexpr graph::NodeInfo kInfo{.type = "every_second",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Scores spots 0 and 1.",
                                         .inputs = {"spots"},
                                         .output = "scores"};

  static SpotScores run(const SpotSet& spots) {
    SpotScores scores;
    for (std::size_t i = 0; i < spots.items.size(); ++i)
      scores.probability.push_back(i % 2 == 0 ? 1.0F : 0.0F);
    return scores;
  }
};

constexpr const char* kDraw = R"(
inputs:
  slides: {type: files}
nodes:
  slide: {use: slide, in: {files: $slides}}
  spots: {use: lattice_spots, in: {slide: slide}}
  scores: {use: every_second, in: {spots: spots}}
  both: {use: slide_spots, in: {slide: slide, spots: spots, scores: scores}}
  sample:
    use: annotation_sample
    in: {slide_spots: both}
    params: {count: 20, seed: 3, question: mitotic or not}
)";

constexpr const char* kImport = R"(
inputs:
  sheet: {type: file}
  labels: {type: files}
nodes:
  patches: {use: annotation_import, in: {sheet: $sheet, labels: $labels}}
  report: {use: annotation_report, in: {sheet: $sheet, labels: $labels}}
outputs: [patches]
)";

constexpr const char* kSimulate = R"(
inputs:
  sheet: {type: file}
  truth: {type: files}
nodes:
  labels: {use: simulated_observers, in: {sheet: $sheet, truth: $truth}}
)";

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class AnnotationChain : public ::testing::Test {
 protected:
  AnnotationChain() {
    nodes::register_all(registry_);
    registry_.add<LatticeSpots>();
    registry_.add<EverySecond>();
  }

  graph::RunReport run(const std::string& yaml,
                       const fs::path& out,
                       const std::vector<graph::Override>& overrides,
                       int threads = 2) const {
    Diagnostics problems;
    const auto pipeline = graph::parse_pipeline(yaml, "test.yaml", overrides, problems);
    auto graph = graph::Graph::build(pipeline, registry_, problems);
    problems.throw_if_any();
    graph::RunOptions options;
    options.out = out;
    options.threads = threads;
    return graph.run(options);
  }
  std::string message(const std::string& yaml, const std::vector<graph::Override>& overrides) {
    try {
      run(yaml, folder_ / "failing", overrides);
    } catch (const std::exception& error) {
      return explain(error);
    }
    return "nothing was thrown";
  }
  /// Two slides with 12 spots each.
  std::string slides() {
    std::string list;
    for (const char* name : {"case1_phh3", "case2_phh3"}) {
      auto params = test::small_slide();
      params.name = name;
      params.seed = list.empty() ? 1 : 2;
      list += (list.empty() ? "[" : ", ") + test::draw_slide(folder_.path(), params).string();
    }
    return list + "]";
  }
  fs::path drawn(const std::vector<graph::Override>& more = {}) {
    std::vector<graph::Override> overrides{{"slides", slides()}};
    overrides.insert(overrides.end(), more.begin(), more.end());
    run(kDraw, folder_ / "draw", overrides);
    return folder_ / "draw/sheet.csv";
  }
  static const LabelledPatches& patches(const graph::RunReport& report) {
    return *static_cast<const LabelledPatches*>(report.outputs.at("patches").at(0).data.get());
  }

  test::TempFolder folder_;
  graph::Registry registry_;
};

TEST_F(AnnotationChain, DrawsFromAllSlidesTheSameOnAnyNumberOfThreads) {
  const auto sheet = LabelSheet::read(drawn());
  run(kDraw, folder_ / "again", {{"slides", slides()}}, 1);

  ASSERT_EQ(sheet.samples().size(), 20U);
  EXPECT_EQ(sha256_file(folder_ / "draw/sheet.csv"), sha256_file(folder_ / "again/sheet.csv"));
  EXPECT_EQ(sha256_file(folder_ / "draw/label.html"), sha256_file(folder_ / "again/label.html"));
  const auto of_first = std::ranges::count(sheet.samples(), "case1_phh3", &SheetSample::slide);
  EXPECT_GE(of_first, 8);
  EXPECT_LE(of_first, 12);
}

TEST_F(AnnotationChain, DrawsOnlyWhatCnn1CalledNoArtefact) {
  const auto sheet = LabelSheet::read(drawn({{"sample.min_score", "0.5"}}));

  EXPECT_EQ(sheet.samples().size(), 12U);
  for (const auto& sample : sheet.samples()) EXPECT_EQ(sample.score, 1);
  const auto summary = nlohmann::json::parse(read_file(folder_ / "draw/sample.json"));
  EXPECT_EQ(summary["note"],
            "20 candidates were asked for, but there are only 12: all of them were taken");
}

TEST_F(AnnotationChain, ADrawFromNothingFails) {
  EXPECT_EQ(message(kDraw, {{"slides", slides()}, {"spots.count", "0"}}),
            "node 'sample' (annotation_sample): nothing to label: no candidates on 2 slides");
}

TEST_F(AnnotationChain, MajorityOfFourSimulatedObserversGivesTheTruthBack) {
  const auto sheet_file = drawn();
  // Mitoses at the even columns of the lattice of case 1; 4 px = 1 um off.
  std::string truth = "id,class,phase,x_he,y_he,x_phh3,y_phh3,dab\n";
  for (int i = 0; i < 12; i += 2)
    truth += std::to_string(i) + ",mitosis,metaphase,0,0," + std::to_string(44 + 100 * (i % 6)) +
             "," + std::to_string(40 + 100 * (i / 6)) + ",1\n";
  write_file(folder_ / "case1_truth.csv", truth);
  write_file(folder_ / "case2_truth.csv",
             "id,class,phase,x_he,y_he,x_phh3,y_phh3,dab\n1,mitosis,,0,0,40,40,0\n");
  const auto out = folder_ / "labels";
  run(kSimulate, out,
      {{"sheet", sheet_file.string()},
       {"truth", "[" + (folder_ / "case1_truth.csv").string() + ", " +
                     (folder_ / "case2_truth.csv").string() + "]"},
       {"labels.miss_rate", "[0, 0, 0, 1]"},
       {"labels.false_rate", "[0, 0, 0, 0]"}});

  const auto report =
      run(kImport, folder_ / "import",
          {{"sheet", sheet_file.string()}, {"labels", (out / "labels_observer*.csv").string()}});

  const auto sheet = LabelSheet::read(sheet_file);
  const auto& found = patches(report);
  ASSERT_EQ(found.labels.size(), sheet.samples().size());
  EXPECT_EQ(found.size, 128);
  EXPECT_EQ(found.rgb.size(), found.labels.size() * 128 * 128 * 3);
  std::int64_t mitoses = 0;
  for (std::size_t i = 0; i < found.labels.size(); ++i) {
    const auto& sample = sheet.samples()[i];
    const bool mitosis =
        sample.slide == "case1_phh3" && static_cast<int>((sample.center.x - 40) / 100) % 2 == 0;
    EXPECT_EQ(found.labels[i], mitosis ? 1 : 0) << sample.sample;
    EXPECT_EQ(found.samples[i], sample.sample);
    EXPECT_EQ(found.cases[i], sample.slide);
    mitoses += mitosis ? 1 : 0;
  }
  EXPECT_GT(mitoses, 0);
  const auto agreement = nlohmann::json::parse(read_file(folder_ / "import/agreement.json"));
  EXPECT_EQ(agreement["need"], 3);
  EXPECT_EQ(agreement["kept_for"], mitoses);
  EXPECT_EQ(agreement["by_observer"][3]["against_majority_of_others"]["sensitivity"], 0.0);
  EXPECT_THAT(read_file(folder_ / "import/agreement.md"),
              HasSubstr("| observer4 | 0.000 | 1.000 |"));
  EXPECT_TRUE(fs::exists(folder_ / "import/merged_labels.csv"));
}

TEST_F(AnnotationChain, TheFirstRoundKeepsItsArtefactsAsNegatives) {
  const auto sheet_file = drawn({{"sample.question", "artefact or not"}, {"sample.count", "4"}});
  write_file(folder_ / "labels.csv",
             "sample,observer,label\ns0001,Ann,artefact\ns0002,Ann,non_artefact\n"
             "s0003,Ann,artefact\n");

  const auto report = run(kImport, folder_ / "import",
                          {{"sheet", sheet_file.string()},
                           {"labels", (folder_ / "labels.csv").string()},
                           {"patches.positive_label", "non_artefact"},
                           {"patches.negative_label", "artefact"},
                           {"patches.keep", "negative"},
                           {"report.positive_label", "non_artefact"},
                           {"report.negative_label", "artefact"}});

  EXPECT_THAT(patches(report).samples, ElementsAre("s0001", "s0003"));
  EXPECT_THAT(patches(report).labels, ElementsAre(0, 0));
}

TEST_F(AnnotationChain, SaysWhatIsWrong) {
  const auto sheet = drawn({{"sample.count", "2"}}).string();
  write_file(folder_ / "labels.csv", "sample,observer,label\ns0001,Ann,maybe\n");
  const auto labels = (folder_ / "labels.csv").string();

  EXPECT_THAT(message(kImport, {{"sheet", sheet}, {"labels", labels}}),
              HasSubstr("labels.csv:2:11: unknown label 'maybe'"));
  EXPECT_THAT(
      message(kImport,
              {{"sheet", sheet}, {"labels", labels}, {"patches.negative_label", "mitotic"}}),
      HasSubstr("positive_label and negative_label must differ, both are 'mitotic'"));
  EXPECT_THAT(message(kDraw, {{"slides", slides()}, {"sample.folder", "../up"}}),
              HasSubstr("parameter 'folder' must lie below the output folder, got '../up'"));
  EXPECT_THAT(
      message(kSimulate, {{"sheet", sheet}, {"truth", labels}, {"labels.miss_rate", "[0.1, 0.2]"}}),
      HasSubstr("parameter 'miss_rate' needs 1 number or one for each of 4 observers"));
}

// Twenty patches labelled by key presses in headless Chromium, the saved CSV read back.
TEST_F(AnnotationChain, LabelsGivenByKeysInABrowserComeBack) {
  const auto sheet_file = drawn();
  const std::string keys = "12112212111212221121";
  const std::string command =
      std::string(MITO_PYTHON) + " " MITO_SOURCE_DIR "/tests/nodes/reference/use_label_page.py " +
      (folder_ / "draw/label.html").string() + " " + (folder_ / "saved").string() + " " + keys +
      " " MITO_BINARY_DIR "/engine/report/bundle/node_modules/axe-core/axe.min.js";
  const int status = std::system(command.c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
    GTEST_SKIP() << "needs Chromium: apt-get install chromium chromium-driver";
  ASSERT_EQ(status, 0);

  const auto report = run(kImport, folder_ / "import",
                          {{"sheet", sheet_file.string()},
                           {"labels", (folder_ / "saved/labels_Ann_O_Neil.csv").string()}});

  std::vector<std::uint8_t> expected;
  for (const char key : keys) expected.push_back(key == '1' ? 1 : 0);
  EXPECT_EQ(patches(report).labels, expected);
  const auto agreement = nlohmann::json::parse(read_file(folder_ / "import/agreement.json"));
  EXPECT_THAT(agreement["observers"], ElementsAre("Ann \"O\" Neil"));
  EXPECT_EQ(agreement["kept"], 20);
}

}  // namespace
}  // namespace mito
