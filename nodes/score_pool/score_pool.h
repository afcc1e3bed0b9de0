#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/core/payload.h"
#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "engine/slide/slide_collection.h"
#include "engine/types/training.h"

namespace mito::score_pool {

/// What of a pool is scored.
struct SlidesParams {
  std::vector<std::string> sets = {"training"};

  static void describe(auto& p, auto&& field) {
    field(
        "sets", p.sets,
        {.choices = {"unused", "training", "validation", "test"},
         .origin = Origin::Paper,
         .doc = "Sets of cases whose candidates are scored; the paper mines the training slides."});
  }
};

struct ChunkParams {
  int chunk = 256;

  static void describe(auto& p, auto&& field) {
    field("chunk", p.chunk,
          {.range = {1, 100000},
           .doc = "Candidates cut and scored at once. No score depends on it, but what was scored "
                  "before an interruption is found again only with the same number."});
  }
};

struct ScoreParams {
  std::string device = "auto";

  static void describe(auto& p, auto&& field) {
    field("device", p.device,
          {.choices = {"auto", "cpu", "cuda"},
           .affects = Affects::Execution,
           .doc = "Where the network runs; auto takes an accelerator when there is one."});
  }
};

/// The candidates of one slide of a pool.
struct SlideCandidates {
  Slide slide;
  std::vector<GridPoint> at;  ///< In the order of the pool.
};

/// Some of them with their pixels.
struct CandidateChunk {
  std::string slide;     ///< Name, for messages.
  std::string identity;  ///< SlideInfo::identity.
  double mpp = 0;
  std::vector<std::uint32_t> candidate;  ///< Indices in SlideCandidates::at.
  std::vector<std::uint8_t> rgb;         ///< [n][100][100][3], the candidate at (50, 50).
};

/// Indices in `pool.slides` of the slides to score. Throws DataError when there are none.
std::vector<std::size_t> slides_of(const SlidesParams& params, const CandidatePool& pool);

/// The candidates of slide `index` of the pool. Throws DataError naming the slide when it is not
/// among `slides`, or when a candidate lies off it.
SlideCandidates candidates_of(const CandidatePool& pool,
                              std::size_t index,
                              const SlideCollection& slides);

/// Content identity of candidates_of(), without the slide at hand.
std::string digest_of(const CandidatePool& pool, std::size_t index);

/// Order in which candidates are cut: neighbours follow each other, so that a chunk of them reads
/// few regions of the slide.
std::vector<std::uint32_t> reading_order(const std::vector<GridPoint>& at);

/// Reads pixels of the analysis grid, RGB [height][width][3], white off the slide.
using Read = std::function<std::vector<std::uint8_t>(const Rect&)>;

/// The patches [n][100][100][3] of some candidates (METHODS 6.1, central crop).
std::vector<std::uint8_t> cut(const std::vector<GridPoint>& at,
                              const std::vector<std::uint32_t>& candidates,
                              const Read& read);

/// Probability of mitosis of every patch of a chunk, in batches of fixed size: a value depends on
/// its own patch only. Throws DataError naming the slide when the model belongs to another
/// resolution.
CandidateScores score(const nn::Model& model, nn::Device device, const CandidateChunk& chunk);

/// Joins scores of one slide. Throws DataError when they are of different slides or models.
void append(CandidateScores& all, const CandidateScores& some);

/// Scores of a pool that were asked of no candidate yet.
PoolScores none_of(const CandidatePool& pool);

/// Puts the scores of one slide in their places. Throws DataError when the slide is not of the
/// pool, when a number is beyond its candidates, or when they are of different models.
void place(PoolScores& scores, const CandidatePool& pool, const CandidateScores& slide);

}  // namespace mito::score_pool

namespace mito {

template <>
struct Payload<score_pool::SlideCandidates> {
  static constexpr TypeDesc kDesc{"SlideCandidates", 1};
};
template <>
struct Payload<score_pool::CandidateChunk> {
  static constexpr TypeDesc kDesc{"CandidateChunk", 1};
};

}  // namespace mito
