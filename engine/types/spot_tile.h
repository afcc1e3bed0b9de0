#pragma once
#include <cstdint>
#include <vector>

#include "engine/core/described.h"
#include "engine/types/geometry.h"

namespace mito {

/// Neighbouring pixels of one row of a grid, first and how many.
struct PixelRun {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t length = 0;
  bool operator==(const PixelRun&) const = default;
};

/// The pixels of one tile of a PHH3 slide that may belong to a spot: those of its core, on tissue,
/// with an amount of DAB above `keep_above` (method 4.3). Whatever threshold from there on is
/// chosen later, the tile need not be looked at again.
struct SpotTile {
  /// Bins of `histogram`: bin b counts amounts in (kFirst + b kBin, kFirst + (b + 1) kBin], the
  /// last one everything above. Natural-log OD.
  static constexpr double kFirst = 0.05;
  static constexpr double kBin = 0.005;
  static constexpr std::int64_t kBins = 590;

  Grid grid;
  double keep_above = 0;
  std::vector<PixelRun> runs;           ///< Pixels of `grid`, raster order.
  std::vector<float> amounts;           ///< Of every pixel of the runs, run after run.
  std::vector<std::int64_t> histogram;  ///< [kBins]; of all the core's tissue.
};

template <>
struct Payload<SpotTile> {
  static constexpr TypeDesc kDesc{"SpotTile", 1};
  static void describe(Description<SpotTile>& d);
};

}  // namespace mito
