#include "nodes/detector/score_pool/score_pool.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/random.h"
#include "engine/nn/backend.h"
#include "tests/support/problem.h"

namespace mito::score_pool {
namespace {

using test::problem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Grey level of a pixel.
std::uint8_t grey(std::int64_t x, std::int64_t y) {
  return static_cast<std::uint8_t>((37 * x + 11 * y) % 251);
}

std::vector<std::uint8_t> pixels(const Rect& area) {
  std::vector<std::uint8_t> out;
  for (auto y = area.y; y < area.y + area.height; ++y) {
    for (auto x = area.x; x < area.x + area.width; ++x) out.insert(out.end(), 3, grey(x, y));
  }
  return out;
}

nn::Model model_of(const nn::Architecture& architecture) {
  nn::ModelInfo info;
  info.architecture = architecture;
  info.mpp = 0.25;
  return {info, nn::initial_tensors(architecture, 3, "test")};
}

CandidatePool small_pool() {
  CandidatePool pool;
  pool.slides = {{"a", "ida", "c1", CaseSet::Training},
                 {"b", "idb", "c2", CaseSet::Test},
                 {"c", "idc", "c3", CaseSet::Training}};
  pool.slide = {0, 0, 1, 2, 2, 2};
  pool.at = {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}};
  pool.label = {0, 1, 0, 0, 0, 1};
  return pool;
}

std::vector<std::string> names_of(const std::vector<Task>& tasks) {
  std::vector<std::string> out;
  for (const auto& task : tasks) out.push_back(task.about.name);
  return out;
}

TEST(ScorePool, GoesThroughTheSlidesOfTheSets) {
  const auto chosen = tasks({}, small_pool());

  EXPECT_THAT(names_of(chosen), ElementsAre("a", "c"));
  EXPECT_THAT(chosen[1].at, ElementsAre(GridPoint{3, 3}, GridPoint{4, 4}, GridPoint{5, 5}));
  EXPECT_THAT(names_of(tasks({{"test", "training"}}, small_pool())), ElementsAre("a", "b", "c"));
  EXPECT_THAT(problem([] { tasks({{"validation"}}, small_pool()); }),
              HasSubstr("none of the 3 slides of the pool is in the sets to score"));
}

TEST(ScorePool, OfPatchesOnlyTheirCandidatesAreScored) {
  const auto pool = small_pool();
  PatchSet patches;
  patches.slides = {pool.slides[2]};
  patches.slide = {0, 0, 0};
  patches.in_pool = {5, 3, 5};  // drawn with replacement
  patches.at = {{5, 5}, {3, 3}, {5, 5}};
  patches.label = {1, 0, 1};

  const auto chosen = tasks({}, pool, &patches);

  ASSERT_THAT(names_of(chosen), ElementsAre("c"));
  EXPECT_THAT(chosen[0].at, ElementsAre(GridPoint{3, 3}, GridPoint{5, 5}));
  EXPECT_THAT(chosen[0].number, ElementsAre(0U, 2U));
  EXPECT_NE(digest_of(chosen[0]), digest_of(tasks({}, pool)[1]));
  patches.at[1].x = 9;
  EXPECT_THAT(problem([&] { tasks({}, pool, &patches); }),
              HasSubstr("patch 1 was not drawn from this pool"));
}

TEST(ScorePool, ASlideThatIsNotAtHandIsNamed) {
  EXPECT_THAT(problem([] { candidates_of(tasks({}, small_pool())[1], {}); }),
              HasSubstr("slide 'c'"));
}

TEST(ScorePool, KnowsCandidatesByTheirSlideAndPlacesOnly) {
  auto pool = small_pool();
  const auto digest = digest_of(tasks({}, pool)[1]);
  auto moved = pool;
  moved.at[4].x += 1;
  // Another slide before it, and other classes, leave it as it was.
  pool.slides[0].name = "renamed";
  pool.at[0].x = 77;
  std::ranges::fill(pool.label, 0);

  EXPECT_EQ(digest_of(tasks({}, pool)[1]), digest);
  EXPECT_NE(digest_of(tasks({}, moved)[1]), digest);
}

TEST(ScorePool, CutsTheSamePatchesInAnyChunks) {
  RandomStream random(5, "spots", 0);
  std::vector<GridPoint> at;
  for (int i = 0; i < 120; ++i)
    at.push_back({static_cast<std::int32_t>(random.below(2000)),
                  static_cast<std::int32_t>(random.below(2000))});
  const auto order = reading_order(at);
  std::vector<std::uint32_t> sorted = order;
  std::ranges::sort(sorted);
  std::vector<std::uint32_t> all(at.size());
  std::iota(all.begin(), all.end(), 0U);
  EXPECT_EQ(sorted, all);

  const auto whole = cut(at, order, pixels);

  constexpr std::size_t kBytes = 3 * 100 * 100;
  ASSERT_EQ(whole.size(), at.size() * kBytes);
  for (std::size_t i = 0; i < order.size(); i += 7) {
    const auto alone = cut(at, {order[i]}, pixels);
    const auto& p = at[order[i]];
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                           whole.begin() + static_cast<std::ptrdiff_t>(i * kBytes)));
    EXPECT_EQ(alone, pixels({p.x - 50, p.y - 50, 100, 100}));
  }
}

TEST(ScorePool, ReadsScoresFromTheDenseMap) {
  if (const auto missing = problem([] { nn::backend(); }); missing != "no error")
    GTEST_SKIP() << missing;
  const auto model = model_of(nn::table2(0.0625));
  // On outputs of the map, in four tiles; the last output of a block; the first of the next.
  const std::vector<GridPoint> at{{40, 80}, {252, 8}, {256, 8}, {1020, 1020}, {1028, 4}, {8, 1300}};
  const auto tiles = tiles_of(at);
  ASSERT_EQ(tiles.size(), 3U);
  EXPECT_EQ(tiles[1].core, (Rect{1024, 0, 1024, 1024}));
  EXPECT_THAT(tiles[0].candidates, ElementsAre(0U, 1U, 2U, 3U));
  CandidateScores scores{{}, {}, "id", ""};
  for (const auto& tile : tiles) {
    CandidateTile pixel_tile{"a", "id", 0.25, tile.core, read_for(tile.core), {}, {}, {}};
    pixel_tile.rgb = pixels(pixel_tile.area);
    for (const auto i : tile.candidates) {
      pixel_tile.candidate.push_back(10 + i);
      pixel_tile.at.push_back(at[i]);
    }
    append(scores, score(model, nn::Device::Cpu, pixel_tile, 64));
  }

  CandidateChunk chunk{"a", "id", 0.25, {}, {}};
  std::vector<std::uint32_t> order(at.size());
  std::iota(order.begin(), order.end(), 0U);
  chunk.rgb = cut(at, order, pixels);
  for (const auto i : order) chunk.candidate.push_back(10 + i);
  const auto patchwise = score(model, nn::Device::Cpu, chunk);
  EXPECT_EQ(scores.model, patchwise.model);
  ASSERT_EQ(scores.candidate.size(), at.size());
  for (std::size_t i = 0; i < at.size(); ++i)
    EXPECT_NEAR(scores.probability[i], patchwise.probability[scores.candidate[i] - 10], 1e-4) << i;
  EXPECT_GT(*std::ranges::max_element(patchwise.probability) -
                *std::ranges::min_element(patchwise.probability),
            1e-3)
      << "all alike: any place would pass";
}

TEST(ScorePool, ACandidateBetweenOutputsTakesTheNearestOfItsBlock) {
  const auto model = model_of(nn::table2(0.0625));
  const auto scores_at = [&](std::vector<GridPoint> at) {
    const auto core = tiles_of(at).front().core;
    CandidateTile tile{"a", "id", 0.25, core, read_for(core), {}, {}, at};
    tile.rgb = pixels(tile.area);
    for (std::uint32_t i = 0; i < at.size(); ++i) tile.candidate.push_back(i);
    return score(model, nn::Device::Cpu, tile, 64).probability;
  };
  const auto p = scores_at({{40, 80}, {41, 79}, {42, 80}, {44, 80}, {252, 80}, {255, 80}});
  EXPECT_EQ(p[0], p[1]);
  EXPECT_EQ(p[2], p[3]);
  EXPECT_NE(p[0], p[3]);
  EXPECT_EQ(p[4], p[5]) << "the next block holds no candidate";
  EXPECT_EQ(scores_at({{255, 80}}).front(), p[5]) << "depends on what else there is";
}

TEST(ScorePool, NetworksWithoutADenseMapAreNamed) {
  const auto model = model_of(nn::cnn12(0.0625));
  EXPECT_THAT(problem([&] { score(model, nn::Device::Cpu, CandidateTile{}, 64); }),
              HasSubstr("cnn12 network (CNN1, CNN2) has no dense map"));
}

TEST(ScorePool, PutsScoresInThePlacesOfTheirCandidates) {
  const auto pool = layout_of(small_pool());
  auto scores = none_of(pool);

  place(scores, pool, {{2, 0, 1}, {0.2F, 0.0F, 0.1F}, "idc", "model"});
  place(scores, pool, {{1}, {0.9F}, "ida", "model"});

  EXPECT_EQ(scores.model, "model");
  EXPECT_EQ(scores.probability[1], 0.9F);
  EXPECT_THAT((std::vector(scores.probability.begin() + 3, scores.probability.end())),
              ElementsAre(0.0F, 0.1F, 0.2F));
  EXPECT_TRUE(std::isnan(scores.probability[0]));
  EXPECT_TRUE(std::isnan(scores.probability[2]));
}

TEST(ScorePool, ScoresThatDoNotBelongTogetherAreRefused) {
  const auto pool = layout_of(small_pool());
  auto scores = none_of(pool);
  place(scores, pool, {{0}, {0.5F}, "ida", "one"});

  EXPECT_THAT(problem([&] {
                place(scores, pool, {{0}, {0.5F}, "idc", "two"});
              }),
              HasSubstr("two networks"));
  EXPECT_THAT(problem([&] {
                place(scores, pool, {{0}, {0.5F}, "idx", "one"});
              }),
              HasSubstr("not in the pool"));
  EXPECT_THAT(problem([&] {
                place(scores, pool, {{2}, {0.5F}, "ida", "one"});
              }),
              HasSubstr("slide 'a' has 2 candidates, but number 2 was scored"));
  CandidateScores of_slide{{}, {}, "ida", ""};
  EXPECT_THAT(problem([&] {
                append(of_slide, {{0}, {0.5F}, "idb", "one"});
              }),
              HasSubstr("two slides"));
}

TEST(ScorePool, AModelOfAnotherResolutionIsRefusedWithTheSlide) {
  nn::ModelInfo info;
  info.architecture = nn::cnn12(0.0625);
  info.mpp = 0.5;
  const nn::Model model(info, nn::initial_tensors(info.architecture, 3, "test"));

  EXPECT_THAT(problem([&] {
                score(model, nn::Device::Cpu, {"S1", "id", 0.25, {}, {}});
              }),
              HasSubstr("slide 'S1': the model was trained at 0.5 um/px"));
}

}  // namespace
}  // namespace mito::score_pool
