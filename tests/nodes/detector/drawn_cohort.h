#pragma once
// Three drawn slides with their truth, and pipelines over them.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/input_files.h"
#include "engine/graph/graph.h"
#include "engine/slide/slide.h"
#include "engine/types/annotations.h"
#include "engine/types/points_csv.h"
#include "engine/types/training.h"
#include "nodes/registry.h"
#include "tests/support/drawn_slide.h"

namespace mito::test {

/// slide, table of points -> what the table marks in the slide.
struct TruthPoints {
  static constexpr graph::NodeInfo kInfo{.type = "truth_points",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Takes the points of a slide from a table.",
                                         .inputs = {"slide", "truth"},
                                         .output = "annotations"};

  static ImageAnnotations run(const Slide& slide, const File& truth) {
    ImageAnnotations out{slide.info().name, "", {}};
    for (const auto& point : read_points(truth.path).points) {
      if (names_slide(point.slide, slide.info().path)) out.items.push_back({point.at, point.label});
    }
    return out;
  }
};

/// A set of patches as it is, so that the members of an ensemble can be looked at.
struct SamePatches {
  static constexpr graph::NodeInfo kInfo{.type = "same_patches",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Hands on what it gets.",
                                         .inputs = {"patches"},
                                         .output = "patches"};

  static PatchSet run(const PatchSet& patches) { return patches; }
};

class Cohort : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    std::string truth;
    for (const std::string name : {"case1_a", "case1_b", "case2_a"}) {
      auto params = small_slide();
      params.name = name;
      params.width_px = 1200;
      params.height_px = 1000;
      params.mitoses = 4;
      params.lookalikes = 3;
      params.seed = static_cast<std::int64_t>(truth.size()) + 1;
      slides_ += (slides_.empty() ? "[" : ", ") + draw_slide(folder_->path(), params).string();
      const auto table = synthetic_slide::truth_csv(synthetic_slide::SyntheticSlide(params));
      truth += truth.empty() ? table : table.substr(table.find('\n') + 1);
    }
    slides_ += "]";
    write_file(*folder_ / "truth.csv", truth);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
    slides_.clear();
  }

  Cohort() {
    nodes::register_all(registry_);
    registry_.add<TruthPoints>();
    registry_.add<SamePatches>();
  }

  /// Slides to a pool with its sets: nodes `labelled`, `pool`, `slides`; more in `nodes`.
  static std::string pipeline(const std::string& nodes) {
    return R"(
inputs:
  slides: {type: files}
  truth: {type: file}
  model: {type: file, optional: yes}
nodes:
  slide: {use: slide, in: {files: $slides}}
  mask: {use: tissue_mask, in: {slide: slide}}
  tiles: {use: tiles, in: {slide: slide, mask: mask}, params: {size_px: 512}}
  cells: {use: he_candidates, in: {tile: tiles, slide: slide, mask: mask}, params: {diameter_um: 15}}
  candidates: {use: collect_candidates, in: {candidates: cells, slide: slide}}
  truth: {use: truth_points, in: {slide: slide, truth: $truth}}
  labelled:
    use: label_candidates
    in: {candidates: candidates, annotations: truth, slide: slide, mask: mask}
    params: {case_pattern: '^(case[0-9])_'}
  all: {use: candidate_pool, in: {labelled: labelled}}
  pool:
    use: split_cases
    in: {pool: all}
    params: {mode: lists, training_cases: [case1], validation_cases: [case2]}
)" + nodes;
  }

  graph::RunReport run(const std::string& yaml,
                       const graph::RunOptions& options,
                       const std::vector<graph::Override>& more = {}) const {
    std::vector<graph::Override> overrides{{"slides", slides_},
                                           {"truth", (*folder_ / "truth.csv").string()}};
    overrides.insert(overrides.end(), more.begin(), more.end());
    Diagnostics problems;
    const auto parsed =
        graph::parse_pipeline(yaml, MITO_SOURCE_DIR "/pipelines/test.yaml", overrides, problems);
    auto graph = graph::Graph::build(parsed, registry_, problems);
    problems.throw_if_any();
    return graph.run(options);
  }

  template <class T>
  static const T& result(const graph::RunReport& report,
                         const std::string& node,
                         std::size_t index = 0) {
    return *static_cast<const T*>(report.outputs.at(node).at(index).data.get());
  }

  static TempFolder* folder_;
  static std::string slides_;
  graph::Registry registry_;
};

inline TempFolder* Cohort::folder_ = nullptr;
inline std::string Cohort::slides_;

}  // namespace mito::test
