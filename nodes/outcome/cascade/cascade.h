#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/pathology.h"

namespace mito::cascade {

inline constexpr const char* kFile = "cascade.json";

/// What one slide says of a cheap network that tells an expensive one where it need not look.
struct Evidence {
  std::string slide;
  std::vector<double> blocks;      ///< Highest cheap value of every block with tissue.
  std::vector<double> detections;  ///< That of the block of every detection of the full map.
  /// Of those detections, where the cascade was run as well: found at the same place with the same
  /// score, found nearby, not found; and those that only the cascade has.
  struct Measured {
    std::int64_t same = 0;
    std::int64_t moved = 0;
    std::int64_t lost = 0;
    std::int64_t added = 0;
  };
  std::optional<Measured> measured = {};
};

/// The blocks of a slide's tiles with their highest cheap values, in any order of the tiles.
class Blocks {
 public:
  explicit Blocks(TissueMask mask) : mask_(std::move(mask)) {}
  /// Throws DataError when the map is not dense.
  void add(const ProbabilityTile& cheap);
  /// `full`: detections of the expensive network where all blocks were computed; `kept`: where some
  /// were skipped, or null.
  Evidence evidence(std::string_view slide,
                    const DetectionSet& full,
                    const DetectionSet* kept) const;

 private:
  struct Block {
    std::int64_t column = 0;
    std::int64_t row = 0;
    double highest = 0;
  };
  TissueMask mask_;
  std::vector<Block> blocks_;
};

struct Params {
  double max_lost = 0.005;
  std::optional<double> bound = {};

  static void describe(auto& p, auto&& field) {
    field("max_lost", p.max_lost,
          {.range = {0, 1},
           .doc = "The bound is the highest that loses at most this share of the detections."});
    field("bound", p.bound,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Report on this bound, chosen on other slides, instead of choosing one."});
  }
};

/// A bound and what it does on some slides.
struct Choice {
  double bound = 0;
  std::int64_t detections = 0;
  std::int64_t lost = 0;  ///< Detections whose block is skipped.
  std::int64_t blocks = 0;
  std::int64_t skipped = 0;
};

/// The highest bound at which at most `max_lost` of the detections of all slides lie in blocks
/// below it, or the one that is given. Throws DataError when there is no detection to choose it by.
Choice choose(const Params& params, const std::vector<Evidence>& slides);

/// cascade.json: the choice, its share lost with a 95 % interval, and what was measured.
std::string report(const Params& params, const std::vector<Evidence>& slides);

}  // namespace mito::cascade

namespace mito {

template <>
struct Payload<cascade::Blocks> {
  static constexpr TypeDesc kDesc{"CascadeBlocks", 1};
};
template <>
struct Payload<cascade::Evidence> {
  static constexpr TypeDesc kDesc{"CascadeEvidence", 1};
};

}  // namespace mito
