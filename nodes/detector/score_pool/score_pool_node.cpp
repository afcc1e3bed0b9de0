#include <algorithm>
#include <utility>

#include "engine/core/error.h"
#include "engine/graph/node.h"
#include "nodes/detector/score_pool/score_pool.h"

namespace mito::nodes {
namespace {

/// pool with its sets, all slides -> the candidates of each slide to score.
struct PoolSlides {
  static constexpr graph::NodeInfo kInfo{
      .type = "pool_slides",
      .version = 1,
      .paper = "IV-B",
      .summary = "Goes through the slides of a pool, with the candidates of each.",
      .inputs = {"pool", "slides", "patches"},
      .output = "candidates"};

  struct Plan {
    std::vector<score_pool::Task> tasks;
    SlideCollection slides;
    std::size_t size() const { return tasks.size(); }
  };

  static std::string check(const score_pool::SlidesParams& params) {
    return params.sets.empty() ? "sets must name at least one set" : "";
  }
  static Plan plan(const score_pool::SlidesParams& params,
                   const CandidatePool& pool,
                   const SlideCollection& slides,
                   const PatchSet* patches) {
    return {score_pool::tasks(params, pool, patches), slides};
  }
  static score_pool::SlideCandidates element(const Plan& plan, std::uint32_t index) {
    return score_pool::candidates_of(plan.tasks.at(index), plan.slides);
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& task = plan.tasks.at(index);
    return {score_pool::digest_of(task), task.about.name, ""};
  }
};

/// candidates of a slide -> a few hundred of them at a time, with their pixels.
struct CandidateChunks {
  static constexpr graph::NodeInfo kInfo{
      .type = "candidate_chunks",
      .version = 1,
      .paper = "IV-B",
      .summary = "Cuts the patches around a slide's candidates, some hundred at a time.",
      .inputs = {"candidates"},
      .output = "chunk"};

  struct Plan {
    score_pool::SlideCandidates candidates;
    std::vector<std::uint32_t> order;
    std::size_t chunk = 0;
    std::size_t size() const { return (order.size() + chunk - 1) / chunk; }
  };

  static Plan plan(const score_pool::ChunkParams& params,
                   const score_pool::SlideCandidates& candidates) {
    return {candidates, score_pool::reading_order(candidates.at),
            static_cast<std::size_t>(params.chunk)};
  }
  static score_pool::CandidateChunk element(const Plan& plan, std::uint32_t index) {
    const auto first = index * plan.chunk;
    const auto last = std::min(first + plan.chunk, plan.order.size());
    const Slide& slide = plan.candidates.slide;
    const Grid& grid = slide.analysis_grid();
    score_pool::CandidateChunk out{slide.info().name, slide.info().identity, grid.mpp, {}, {}};
    const std::vector<std::uint32_t> chosen(plan.order.begin() + static_cast<std::ptrdiff_t>(first),
                                            plan.order.begin() + static_cast<std::ptrdiff_t>(last));
    out.rgb = score_pool::cut(plan.candidates.at, chosen,
                              [&](const Rect& area) { return slide.read(grid, area); });
    for (const auto i : chosen) out.candidate.push_back(plan.candidates.number[i]);
    return out;
  }
};

/// chunk, model -> probability of each of its candidates.
struct ScoreCandidates {
  static constexpr graph::NodeInfo kInfo{
      .type = "score_candidates",
      .version = 1,
      .paper = "IV-B",
      .summary = "Runs a network over the patches of a chunk of candidates.",
      .inputs = {"chunk", "model"},
      .output = "scores",
      .concurrency = graph::Concurrency::Device};

  static CandidateScores run(const score_pool::ScoreParams& params,
                             const graph::NodeContext& context,
                             const score_pool::CandidateChunk& chunk,
                             const nn::Model& model) {
    if (context.stop()) throw Interrupted("stopped while scoring candidates");
    return score_pool::score(model, nn::device_from(context.device_or(params.device)), chunk);
  }
};

/// candidates of a slide -> squares that hold some of them, with their pixels.
struct CandidateTiles {
  static constexpr graph::NodeInfo kInfo{
      .type = "candidate_tiles",
      .version = 1,
      .paper = "IV-B",
      .summary = "Reads the squares of 1024 px that hold a slide's candidates.",
      .inputs = {"candidates"},
      .output = "tile"};

  struct Plan {
    score_pool::SlideCandidates candidates;
    std::vector<score_pool::TileCandidates> tiles;
    std::size_t size() const { return tiles.size(); }
  };

  static Plan plan(const score_pool::SlideCandidates& candidates) {
    return {candidates, score_pool::tiles_of(candidates.at)};
  }
  static score_pool::CandidateTile element(const Plan& plan, std::uint32_t index) {
    const Slide& slide = plan.candidates.slide;
    const Grid& grid = slide.analysis_grid();
    const auto& tile = plan.tiles[index];
    score_pool::CandidateTile out{slide.info().name,
                                  slide.info().identity,
                                  grid.mpp,
                                  tile.core,
                                  score_pool::read_for(tile.core),
                                  {},
                                  {},
                                  {}};
    out.rgb = slide.read(grid, out.area);
    for (const auto i : tile.candidates) {
      out.candidate.push_back(plan.candidates.number[i]);
      out.at.push_back(plan.candidates.at[i]);
    }
    return out;
  }
};

/// tile, model -> probability of each of its candidates.
struct ScoreTiles {
  static constexpr graph::NodeInfo kInfo{
      .type = "score_tiles",
      .version = 1,
      .paper = "IV-B",
      .summary = "Reads what a network says of candidates from its dense map.",
      .inputs = {"tile", "model"},
      .output = "scores",
      .concurrency = graph::Concurrency::Device};

  static CandidateScores run(const score_pool::MapParams& params,
                             const graph::NodeContext& context,
                             const score_pool::CandidateTile& tile,
                             const nn::Model& model) {
    if (context.stop()) throw Interrupted("stopped while scoring candidates");
    return score_pool::score(model, nn::device_from(context.device_or(params.device)), tile,
                             params.filter_memory_mib);
  }
};

/// scores of the chunks -> scores of the slide.
struct SlideScores {
  static constexpr graph::NodeInfo kInfo{.type = "slide_scores",
                                         .version = 1,
                                         .paper = "IV-B",
                                         .summary = "Joins the scores of a slide's candidates.",
                                         .inputs = {"scores", "candidates"},
                                         .output = "scores"};

  static CandidateScores begin(const score_pool::SlideCandidates& candidates) {
    return {{}, {}, candidates.slide.info().identity, ""};
  }
  static void add(CandidateScores& all, const CandidateScores& chunk) {
    score_pool::append(all, chunk);
  }
};

/// scores of the slides, their pool -> a score for every candidate of the pool.
struct PoolScoresNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "pool_scores",
      .version = 1,
      .paper = "IV-B",
      .summary = "Puts the scores of all slides in the order of their pool.",
      .inputs = {"scores", "pool"},
      .output = "scores"};

  struct Acc {
    score_pool::PoolLayout layout;
    PoolScores scores;
  };

  static Acc begin(const CandidatePool& pool) {
    auto layout = score_pool::layout_of(pool);
    auto scores = score_pool::none_of(layout);
    return {std::move(layout), std::move(scores)};
  }
  static void add(Acc& acc, const CandidateScores& slide) {
    score_pool::place(acc.scores, acc.layout, slide);
  }
  static PoolScores finish(Acc acc) { return std::move(acc.scores); }
};

}  // namespace

void register_score_pool(graph::Registry& registry) {
  registry.add<PoolSlides>();
  registry.add<CandidateChunks>();
  registry.add<ScoreCandidates>();
  registry.add<CandidateTiles>();
  registry.add<ScoreTiles>();
  registry.add<SlideScores>();
  registry.add<PoolScoresNode>();
}

}  // namespace mito::nodes
