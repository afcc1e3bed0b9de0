#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/types/geometry.h"

namespace mito::diff {

/// A detection as an output folder has it.
struct Found {
  PointL0 at;
  double score = 0;
};

/// um per level-0 pixel.
struct PixelSize {
  double x = 0;
  double y = 0;
};

/// What became of a detection from run A to run B.
enum class Change : std::uint8_t { Kept, Moved, ChangedScore, Appeared, Vanished };

/// "kept", "moved", "changed score", "appeared", "vanished".
std::string_view name(Change change);

/// A detection of A with that of B that stands for the same place, or one of them alone.
struct DetectionChange {
  Change change = Change::Kept;
  std::optional<Found> a;
  std::optional<Found> b;
  double distance_um = 0;  ///< Of the two.

  /// Where it is now; of a vanished one where it was.
  const Found& shown() const { return b ? *b : *a; }
};

struct DetectionOptions {
  double radius_um = 7.5;  ///< Detections this close can be the same.
  double moved_um = 1;     ///< A pair farther apart than this has moved.
  double score = 0.01;     ///< A pair whose scores differ by this or more has changed its score.
};

/// Pairs the detections of a slide in two runs one to one, by `optimal` (method 10.1), and says
/// what became of each; what has moved and changed its score has moved. Sorted by y, then x; does
/// not depend on the order of `a` and `b`. Throws DataError as stats::optimal_pairs().
std::vector<DetectionChange> compare_detections(std::vector<Found> a,
                                                std::vector<Found> b,
                                                const PixelSize& pixel,
                                                const DetectionOptions& options);

}  // namespace mito::diff
