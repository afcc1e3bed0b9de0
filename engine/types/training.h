#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/described.h"
#include "engine/types/geometry.h"
#include "engine/types/shared_pixels.h"

// From candidates of slides to batches of patches (method 5.3, 7.6, 8). Slides are known here by
// the identity of their pixels; where their files lie is in SlideCollection (engine/slide).
namespace mito {

/// A pixel of the analysis grid.
struct GridPoint {
  std::int32_t x = 0;
  std::int32_t y = 0;
  bool operator==(const GridPoint&) const = default;
};

/// The class of a candidate.
enum class CandidateLabel : std::uint8_t {
  Negative = 0,
  Positive = 1,
  Ignored = 2,  ///< Of neither class: near a reference object without standing for it.
};

/// How well the candidates of a slide cover its reference objects (method 5.3).
struct CandidateRecall {
  std::int64_t references = 0;
  std::int64_t found_wide = 0;   ///< With a candidate within d = 25 um.
  std::int64_t found_close = 0;  ///< With a candidate within 7.5 um.
  std::int64_t candidates = 0;
  std::int64_t positives = 0;
  std::int64_t negatives = 0;
  double tissue_mm2 = 0;  ///< 0 when there is no mask.
  double wide_um = 25;    ///< What `found_wide` means.
  double close_um = 7.5;  ///< What `found_close` means.
  bool operator==(const CandidateRecall&) const = default;
};

/// Candidates of one slide with their classes.
struct LabelledCandidates {
  Grid grid;  ///< Analysis grid.
  std::string slide;
  std::string identity;  ///< SlideInfo::identity of the pixels they were found in.
  std::string case_id;
  std::vector<GridPoint> at;
  std::vector<std::uint8_t> label;  ///< CandidateLabel, one each.
  CandidateRecall recall;
};

/// Which part of a study a case belongs to (method 1.4).
enum class CaseSet : std::uint8_t { Unused, Training, Validation, Test };

/// "unused", "training", "validation", "test".
std::string_view name_of(CaseSet set);
/// Throws DataError when there is no set of that name.
CaseSet case_set_from(std::string_view name);

struct PoolSlide {
  std::string name;
  std::string identity;
  std::string case_id;
  CaseSet set = CaseSet::Unused;
  bool operator==(const PoolSlide&) const = default;
};

/// The labelled candidates of all slides: slide by slide, in the order of each.
struct CandidatePool {
  std::vector<PoolSlide> slides;
  std::vector<std::uint32_t> slide;  ///< Index in `slides`, ascending, one per candidate.
  std::vector<GridPoint> at;
  std::vector<std::uint8_t> label;  ///< CandidateLabel; those of neither class are not in a pool.

  std::size_t size() const { return at.size(); }
};

/// What a network says of every candidate of a pool, in its order; NaN where it was not asked.
struct PoolScores {
  std::vector<float> probability;
  std::string model;  ///< Digest of the network.
};

/// Patches to train on or to validate with: by reference into slides, or with their own pixels.
struct PatchSet {
  std::vector<PoolSlide> slides;
  std::vector<std::uint32_t> slide;   ///< Index in `slides`, one per patch.
  std::vector<GridPoint> at;          ///< The object of the patch.
  std::vector<std::uint8_t> label;    ///< 1 = mitosis, 0 = not.
  std::vector<std::int64_t> in_pool;  ///< Index in the pool it was drawn from; -1 = none.
  /// Pixels of the patches themselves, [n][size][size][3], the object at (size / 2, size / 2);
  /// empty when they are read from the slides. Copies of a set share them.
  SharedPixels rgb;
  std::int64_t size_px = 0;  ///< Side of a patch in `rgb`.
  std::uint64_t seed = 0;    ///< Of the network that is trained on them.
  std::int64_t member = 0;   ///< Which member of an ensemble, from 0.

  std::size_t count() const { return label.size(); }
};

/// SHA-256 over all of a set: equal digests, equal patches and seed.
std::string content_digest(const PatchSet& set);

/// Candidates of one slide that a network has looked at: of a few, or of all of them.
struct CandidateScores {
  std::vector<std::uint32_t> candidate;  ///< Number among the candidates of its slide in the pool.
  std::vector<float> probability;
  std::string identity;  ///< PoolSlide::identity.
  std::string model;     ///< Digest of the network.
};

/// Position of a batch in its training.
struct BatchPlace {
  std::int64_t epoch = 0;  ///< From 0.
  std::int64_t epochs = 1;
  std::int64_t batch = 0;    ///< In the epoch, from 0.
  std::int64_t batches = 1;  ///< Per epoch.
  std::uint64_t seed = 0;
  bool operator==(const BatchPlace&) const = default;
};

/// Patches as cut from slides, before augmentation.
struct PatchBatch {
  BatchPlace place;
  std::vector<std::uint32_t> patch;   ///< Index in the PatchSet.
  std::vector<std::uint64_t> sample;  ///< Index in the epoch: names the random numbers.
  std::vector<float> target;          ///< Probability of mitosis to be learnt: 0, 1, or soft.
  std::int64_t size_px = 0;
  std::vector<std::uint8_t> rgb;  ///< [n][size][size][3]
};

/// What the network sees in one step of training.
struct TrainingBatch {
  BatchPlace place;
  std::vector<std::uint32_t> patch;
  std::vector<std::uint64_t> sample;
  std::vector<float> target;
  std::vector<float> patches;  ///< [n][3][100][100] in [0, 1]
};

template <>
struct Payload<LabelledCandidates> {
  static constexpr TypeDesc kDesc{"LabelledCandidates", 1};
  static void describe(Description<LabelledCandidates>& d);
};
template <>
struct Payload<CandidatePool> {
  static constexpr TypeDesc kDesc{"CandidatePool", 1};
  static void describe(Description<CandidatePool>& d);
};
template <>
struct Payload<PoolScores> {
  static constexpr TypeDesc kDesc{"PoolScores", 1};
  static void describe(Description<PoolScores>& d);
};
template <>
struct Payload<CandidateScores> {
  static constexpr TypeDesc kDesc{"CandidateScores", 1};
  static void describe(Description<CandidateScores>& d);
};
template <>
struct Payload<PatchSet> {
  static constexpr TypeDesc kDesc{"PatchSet", 1};
  static void describe(Description<PatchSet>& d);
};
template <>
struct Payload<PatchBatch> {
  static constexpr TypeDesc kDesc{"PatchBatch", 1};
};
template <>
struct Payload<TrainingBatch> {
  static constexpr TypeDesc kDesc{"TrainingBatch", 1};
};

}  // namespace mito
