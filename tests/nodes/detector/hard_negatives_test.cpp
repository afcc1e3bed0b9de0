// A pool scored by a network on the graph, and hard negatives drawn by the scores.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "engine/nn/dense.h"
#include "engine/nn/model.h"
#include "engine/slide/slide_collection.h"
#include "engine/store/hdf5_store.h"
#include "tests/nodes/detector/drawn_cohort.h"

namespace mito {
namespace {

const std::string kNodes = R"(
  slides: {use: collect_slides, in: {slide: slide}}
  model: {use: load_model, in: {file: $model}}
  hard: {include: parts/score_pool.yaml, with: {pool: pool, slides: slides, model: model}}
  members:
    use: sample_members
    in: {pool: pool, scores: hard.scores}
    params: {members: 2, mode: hard, negatives: 40}
  kept: {use: same_patches, in: {patches: members}, store: true}
outputs: [pool, slides, hard.scores, kept]
)";

class HardNegatives : public test::Cohort {
 protected:
  static nn::Model model() {
    nn::ModelInfo info;
    info.architecture = nn::cnn12(0.0625);
    return {info, nn::initial_tensors(info.architecture, 3, "test")};
  }
  graph::RunReport mined(const std::string& name,
                         int threads,
                         graph::ArtefactStore* store = nullptr,
                         const std::vector<graph::Override>& more = {}) const {
    const auto file = *folder_ / "model.h5";
    if (!std::filesystem::exists(file)) nn::save_model(model(), file);
    graph::RunOptions options;
    options.out = *folder_ / name;
    options.threads = threads;
    options.store = store;
    options.device = "cpu";
    std::vector<graph::Override> overrides{
        {"model", file.string()}, {"hard.chunks.chunk", "40"}, {"cells.diameter_um", "40"}};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return run(pipeline(kNodes), options, overrides);
  }
};

/// How often the body of a node ran.
std::uint64_t runs(const graph::RunReport& report, const std::string& node) {
  const auto found = report.runs.find(node);
  return found == report.runs.end() ? 0 : found->second;
}

TEST_F(HardNegatives, AreDrawnByWhatTheNetworkSaysOfEachPatch) {
  const auto report = mined("scores", 2);

  const auto& pool = result<CandidatePool>(report, "pool");
  const auto& slides = result<SlideCollection>(report, "slides");
  const auto& scores = result<PoolScores>(report, "hard.scores");
  ASSERT_EQ(scores.probability.size(), pool.size());
  EXPECT_EQ(scores.model, model().digest());
  for (std::size_t i = 0; i < pool.size(); ++i) {
    const auto& about = pool.slides[pool.slide[i]];
    if (about.set != CaseSet::Training) {
      EXPECT_TRUE(std::isnan(scores.probability[i])) << i;
      continue;
    }
    if (i % 5 != 0) continue;  // alone, and not in a chunk
    const Slide& slide = slides.at(about.identity, about.name);
    const Rect area{pool.at[i].x - 50, pool.at[i].y - 50, 100, 100};
    const auto rgb = slide.read(slide.analysis_grid(), area);
    const std::vector<std::int64_t> point{pool.at[i].x, pool.at[i].y};
    EXPECT_EQ(scores.probability[i],
              nn::patch_probabilities(model().network(nn::Device::Cpu), {area, rgb}, point)[0])
        << i;
  }
  const auto& member = result<PatchSet>(report, "kept", 1);
  EXPECT_EQ(std::ranges::count(member.label, 0), 40);
  EXPECT_EQ(member.seed, 3U);
}

TEST_F(HardNegatives, AreTheSameOnAnyNumberOfThreadsAndForAnyChunks) {
  const auto one = mined("one", 1);
  const auto four = mined("four", 4, nullptr, {{"hard.chunks.chunk", "256"}});

  const auto& expected = result<PoolScores>(one, "hard.scores").probability;
  const auto& found = result<PoolScores>(four, "hard.scores").probability;
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(expected[i])) continue;
    EXPECT_EQ(found[i], expected[i]) << i;
  }
  for (std::size_t k = 0; k < 2; ++k)
    EXPECT_EQ(content_digest(result<PatchSet>(four, "kept", k)),
              content_digest(result<PatchSet>(one, "kept", k)));
}

TEST_F(HardNegatives, AreNotScoredTwice) {
  store::Hdf5Store store(*folder_ / "store");
  const auto first = mined("first", 2, &store);
  const auto again = mined("again", 2, &store);
  const auto wider = mined("wider", 2, &store, {{"hard.scored.sets", "[training, validation]"}});

  EXPECT_GT(runs(first, "hard.probability"), 2U);
  EXPECT_EQ(runs(again, "hard.probability"), 0U);
  EXPECT_GT(runs(wider, "hard.probability"), 0U);
  // The slide of the validation case only.
  EXPECT_LT(runs(wider, "hard.probability"), runs(first, "hard.probability"));
  EXPECT_EQ(result<PatchSet>(again, "kept").in_pool, result<PatchSet>(first, "kept").in_pool);
}

TEST_F(HardNegatives, OfMoreMembersLeaveTheFirstOnesAsTheyAre) {
  store::Hdf5Store store(*folder_ / "members");
  const auto two = mined("two", 2, &store);
  const auto three = mined("three", 2, &store, {{"members.members", "3"}});

  EXPECT_EQ(runs(two, "kept"), 2U);
  EXPECT_EQ(runs(three, "kept"), 1U);
  ASSERT_EQ(three.outputs.at("kept").size(), 3U);
  EXPECT_EQ(content_digest(result<PatchSet>(three, "kept", 1)),
            content_digest(result<PatchSet>(two, "kept", 1)));
}

}  // namespace
}  // namespace mito
