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
         .affects = Affects::Selection,
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
          device_field("Where the network runs; auto takes an accelerator when there is one."));
  }
};

struct MapParams {
  std::string device = "auto";
  std::int64_t filter_memory_mib = 1536;

  static void describe(auto& p, auto&& field) {
    field("device", p.device,
          device_field("Where the network runs; auto takes an accelerator when there is one."));
    field("filter_memory_mib", p.filter_memory_mib,
          {.unit = Unit::Mebibyte,
           .range = {1, 65536},
           .doc = "Memory for the filters of the model on processors, as for cnn_dense."});
  }
};

/// What is to be scored of one slide of a pool.
struct Task {
  PoolSlide about;
  std::vector<GridPoint> at;          ///< In the order of the pool.
  std::vector<std::uint32_t> number;  ///< Of each, among the slide's candidates in the pool.
};

/// The candidates of one slide of a pool.
struct SlideCandidates {
  Slide slide;
  std::vector<GridPoint> at;          ///< In the order of the pool.
  std::vector<std::uint32_t> number;  ///< Of each, among the slide's candidates in the pool.
};

/// Some of them with their pixels.
struct CandidateChunk {
  std::string slide;     ///< Name, for messages.
  std::string identity;  ///< SlideInfo::identity.
  double mpp = 0;
  std::vector<std::uint32_t> candidate;  ///< SlideCandidates::number of each.
  std::vector<std::uint8_t> rgb;         ///< [n][100][100][3], the candidate at (50, 50).
};

/// A square of the analysis grid with some candidates.
struct CandidateTile {
  std::string slide;     ///< Name, for messages.
  std::string identity;  ///< SlideInfo::identity.
  double mpp = 0;
  Rect core;                             ///< Whole blocks of 256 px; holds the candidates.
  Rect area;                             ///< With what the network reads around it.
  std::vector<std::uint8_t> rgb;         ///< [area.height][area.width][3]
  std::vector<std::uint32_t> candidate;  ///< SlideCandidates::number of each.
  std::vector<GridPoint> at;             ///< Of each.
};

/// Side of a CandidateTile's core, px: whole blocks of the dense map.
inline constexpr std::int64_t kTile = 1024;

/// The slides to score, in the order of the pool; with `patches`, only the candidates that these
/// were drawn from, each once, and only slides that have any. Throws DataError when there are none,
/// or when a patch is not of this pool.
std::vector<Task> tasks(const SlidesParams& params,
                        const CandidatePool& pool,
                        const PatchSet* patches = nullptr);

/// Content identity of a task: the slide's pixels and the places.
std::string digest_of(const Task& task);

/// Joins a task with its slide. Throws DataError naming the slide when it is not among `slides`, or
/// when a candidate lies off it.
SlideCandidates candidates_of(const Task& task, const SlideCollection& slides);

/// Order in which candidates are cut: neighbours follow each other, so that a chunk of them reads
/// few regions of the slide.
std::vector<std::uint32_t> reading_order(const std::vector<GridPoint>& at);

/// Reads pixels of the analysis grid, RGB [height][width][3], white off the slide.
using Read = std::function<std::vector<std::uint8_t>(const Rect&)>;

/// The patches [n][100][100][3] of some candidates (method 6.1, central crop).
std::vector<std::uint8_t> cut(const std::vector<GridPoint>& at,
                              const std::vector<std::uint32_t>& candidates,
                              const Read& read);

/// Probability of mitosis of every patch of a chunk, in batches of fixed size: a value depends on
/// its own patch only. Throws DataError naming the slide when the model belongs to another
/// resolution.
CandidateScores score(const nn::Model& model, nn::Device device, const CandidateChunk& chunk);

/// Cores of the tiles that hold candidates, in raster order, and the candidates (indices into `at`)
/// of each.
struct TileCandidates {
  Rect core;
  std::vector<std::uint32_t> candidates;
};
std::vector<TileCandidates> tiles_of(const std::vector<GridPoint>& at);

/// What a dense map of `core` reads.
Rect read_for(const Rect& core);

/// Probability of mitosis of the candidates of a tile, read from the dense map (method 9.1): of the
/// output nearest to each, at most 2 px away along an axis. Only the map's blocks of 256 px that
/// hold candidates are computed. Throws DataError naming the slide when the model belongs to
/// another resolution, or has no dense map.
CandidateScores score(const nn::Model& model,
                      nn::Device device,
                      const CandidateTile& tile,
                      std::int64_t filter_memory_mib);

/// Joins scores of one slide. Throws DataError when they are of different slides or models.
void append(CandidateScores& all, const CandidateScores& some);

/// Where the candidates of each slide lie in a pool.
struct PoolLayout {
  std::vector<PoolSlide> slides;
  std::vector<std::size_t> first;  ///< Of each slide, and the number of all at the end.
};

PoolLayout layout_of(const CandidatePool& pool);

/// Scores of a pool that were asked of no candidate yet.
PoolScores none_of(const PoolLayout& layout);

/// Puts the scores of one slide in their places. Throws DataError when the slide is not of the
/// pool, when a number is beyond its candidates, or when they are of different models.
void place(PoolScores& scores, const PoolLayout& layout, const CandidateScores& slide);

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
template <>
struct Payload<score_pool::CandidateTile> {
  static constexpr TypeDesc kDesc{"CandidateTile", 1};
};

}  // namespace mito
