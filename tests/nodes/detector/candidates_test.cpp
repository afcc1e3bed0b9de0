// From slides to sets of patches through the graph: candidates, classes, pool, split, samples.
#include <algorithm>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "engine/nn/model.h"
#include "engine/types/pathology.h"
#include "tests/nodes/detector/drawn_cohort.h"

namespace mito {
namespace {

using ::testing::HasSubstr;

const std::string kNodes = R"(
  report: {use: candidate_report, in: {labelled: labelled}}
  validation: {use: sample_patches, in: {pool: pool}, params: {positives: 0, negatives: 20}}
  members: {use: sample_members, in: {pool: pool}, params: {members: 2, negatives: 30}}
  kept: {use: same_patches, in: {patches: members}}
outputs: [labelled, pool, validation, kept]
)";

class Candidates : public test::Cohort {};

TEST_F(Candidates, BecomeSetsOfPatchesOfTheirCases) {
  graph::RunOptions options;
  options.out = *folder_ / "whole";
  const auto report = run(pipeline(kNodes), options);

  const auto& pool = result<CandidatePool>(report, "pool");
  ASSERT_EQ(pool.slides.size(), 3U);
  EXPECT_EQ(pool.slides[1].name, "case1_b");
  EXPECT_EQ(pool.slides[1].case_id, "case1");
  EXPECT_EQ(pool.slides[1].set, CaseSet::Training);
  EXPECT_EQ(pool.slides[2].set, CaseSet::Validation);

  const auto& validation = result<PatchSet>(report, "validation");
  ASSERT_EQ(validation.slides.size(), 1U);
  EXPECT_EQ(validation.slides[0].case_id, "case2");
  EXPECT_EQ(std::ranges::count(validation.label, 0), 20);
  EXPECT_EQ(std::ranges::count(validation.label, 1),
            result<LabelledCandidates>(report, "labelled", 2).recall.positives);

  ASSERT_EQ(report.outputs.at("kept").size(), 2U);
  EXPECT_EQ(report.outputs.at("kept")[1].item, "member-2");
  for (std::size_t k = 0; k < 2; ++k) {
    const auto& member = result<PatchSet>(report, "kept", k);
    EXPECT_EQ(member.seed, 2U + k);
    EXPECT_EQ(member.slides.size(), 2U);
    EXPECT_EQ(std::ranges::count(member.label, 0), 30);
    EXPECT_EQ(std::ranges::count(member.label, 1),
              result<LabelledCandidates>(report, "labelled", 0).recall.positives +
                  result<LabelledCandidates>(report, "labelled", 1).recall.positives);
    for (const auto i : member.in_pool)
      EXPECT_EQ(pool.slides[pool.slide[static_cast<std::size_t>(i)]].case_id, "case1");
  }
}

TEST_F(Candidates, CoverTheDrawnMitosesAndTheReportSaysSo) {
  graph::RunOptions options;
  options.out = *folder_ / "report";
  run(pipeline(kNodes), options);

  const auto json =
      nlohmann::json::parse(std::ifstream(*folder_ / "report" / std::string("candidates.json")));
  EXPECT_EQ(json["total"]["references"], 12);
  EXPECT_EQ(json["total"]["recall_wide"], 1.0);  // chromatin is the darkest there is
  EXPECT_GE(json["total"]["recall_close"], 0.75);
  EXPECT_GT(json["total"]["candidates_per_mm2"], 100);
  EXPECT_GT(json["total"]["negatives_per_positive"], 1);
  EXPECT_EQ(json["slides"].size(), 3U);
}

TEST_F(Candidates, AreTheSameOnAnyNumberOfThreads) {
  std::vector<Record> first;
  for (const int threads : {1, 2, 4}) {
    graph::RunOptions options;
    options.out = *folder_ / ("threads" + std::to_string(threads));
    options.threads = threads;
    options.parts_in_flight = 3 * threads;
    const auto report = run(pipeline(kNodes), options);
    std::vector<Record> found;
    for (std::size_t i = 0; i < 3; ++i)
      found.push_back(
          Codec<LabelledCandidates>::encode(result<LabelledCandidates>(report, "labelled", i)));
    found.push_back(Codec<CandidatePool>::encode(result<CandidatePool>(report, "pool")));
    found.push_back(Codec<PatchSet>::encode(result<PatchSet>(report, "validation")));
    for (std::size_t k = 0; k < 2; ++k)
      found.push_back(Codec<PatchSet>::encode(result<PatchSet>(report, "kept", k)));
    if (first.empty()) first = found;
    EXPECT_EQ(found, first) << threads << " threads";
  }
}

TEST_F(Candidates, ASetThatCannotBeFilledStopsTheRunAtItsNode) {
  graph::RunOptions options;
  options.out = *folder_ / "failing";
  const auto message = [&](const std::vector<graph::Override>& overrides) {
    try {
      run(pipeline(kNodes), options, overrides);
    } catch (const std::exception& error) {
      return explain(error);
    }
    return std::string("no error");
  };

  EXPECT_THAT(message({{"validation.set", "test"}}),
              HasSubstr("node 'validation' (sample_patches): no slide is in the test set"));
  EXPECT_THAT(message({{"pool.validation_cases", "[case3]"}}),
              HasSubstr("validation_cases names case 'case3', but no slide belongs to it"));
  EXPECT_THAT(message({{"pool.validation_cases", "[case1]"}}),
              HasSubstr("case 'case1' is named in training_cases and again in validation_cases"));
  EXPECT_THAT(message({{"members.mode", "hard"}}),
              HasSubstr("node 'members' (sample_members): mode 'hard' draws by probability"));
}

/// Stands for a detector: every candidate is a detection.
struct DetectAll {
  static constexpr graph::NodeInfo kInfo{.type = "detect_all",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Detects every candidate.",
                                         .inputs = {"slide", "candidates"},
                                         .output = "detections"};

  static DetectionSet run(const Slide& slide, const CandidateSet& candidates) {
    DetectionSet out{slide.analysis_grid(), {}, 0, 0};
    for (const auto& candidate : candidates.items) out.items.push_back({candidate.center, 1, 1});
    return out;
  }
};

TEST_F(Candidates, OfACaseThatTheNetworkHasSeenAreNotEvaluated) {
  registry_.add<DetectAll>();
  const auto model = *folder_ / "seen.h5";
  nn::ModelInfo info;
  info.architecture = nn::cnn12(0.0625);
  info.training_cases = {"case7"};
  info.tuning_cases = {"case2"};
  nn::save_model({info, nn::initial_tensors(info.architecture, 3, "test")}, model);
  const std::string nodes = R"(
  model: {use: load_model, in: {file: $model}}
  found: {use: detect_all, in: {slide: slide, candidates: candidates}}
  evaluation:
    use: evaluate_detections
    in: {detections: found, slide: slide, annotations: truth, model: model}
    params: {case_pattern: '^(case[0-9])_'}
outputs: [pool]
)";
  graph::RunOptions options;
  options.out = *folder_ / "evaluated";
  options.threads = 1;
  options.keep_going = true;

  const auto report = run(pipeline(nodes), options, {{"model", model.string()}});

  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_EQ(report.failures[0].item, "case2_a");
  EXPECT_THAT(report.failures[0].message,
              HasSubstr("case 'case2' is in the tuning set and in the evaluation set"));
  const auto json = nlohmann::json::parse(std::ifstream(options.out / "case1_a/evaluation.json"));
  EXPECT_EQ(json["case"], "case1");
  EXPECT_EQ(json["truth"]["objects"], 4);
  EXPECT_EQ(json["rules"]["any_hit"]["fn"], 0);
}

}  // namespace
}  // namespace mito
