#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/random.h"
#include "engine/types/geometry.h"

namespace mito::image {

/// Families of plane maps (method 11.6), from few to many degrees of freedom.
enum class MapFamily : std::uint8_t { Translation, Rigid, Similarity, Affine };

/// A place and where it shall be mapped to; both in one unit of length, y down.
struct PointPair {
  PointL0 from;
  PointL0 to;
};

struct FittedMap {
  Affine map;
  double rms = 0;  ///< Root mean square of |map(from) - to|.
};

/// Pairs that determine a map: 1, 2, 2, 3.
std::size_t minimal_pairs(MapFamily family);

/// The least-squares map of the family. Rigid and similarity maps are proper rotations, or with
/// `mirrored` proper rotations after x -> -x; the others ignore it.
/// Throws DataError when the pairs do not determine a map: too few, or all in one place or line.
FittedMap fit_map(MapFamily family, std::span<const PointPair> pairs, bool mirrored = false);

struct RobustMap {
  Affine map;
  double rms = 0;                    ///< Over the inliers.
  std::vector<std::size_t> inliers;  ///< Indices of pairs, ascending.
};

struct RobustOptions {
  double inlier_distance = 4;  ///< Pairs that are mapped at most this far off are inliers.
  int rounds = 1000;
};

/// RANSAC: the map through a random minimal set that has most inliers (ties: smaller squared
/// error, then the earlier), then least squares on its inliers until they stay the same.
/// A pure function of the pairs and the stream. Throws DataError when no set determines a map.
RobustMap fit_map_robustly(MapFamily family,
                           std::span<const PointPair> pairs,
                           const RobustOptions& options,
                           RandomStream& random,
                           bool mirrored = false);

/// How far off a pair is mapped.
double error_of(const Affine& map, const PointPair& pair);

/// What a linear part does: first mirror x (where it mirrors), then rotate and stretch.
struct Rotation {
  double degrees = 0;  ///< Counter-clockwise as seen on the screen (y down), in (-180, 180].
  bool mirrored = false;
  double scale = 1;  ///< Square root of |determinant|.
};

/// Of the nearest rotation (polar decomposition).
Rotation rotation_of(const Affine& map);

/// The linear map of a rotation: mirror x when asked to, rotate, scale; no shift.
Affine linear_map(const Rotation& rotation);

}  // namespace mito::image
