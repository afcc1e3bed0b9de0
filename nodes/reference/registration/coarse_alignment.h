#pragma once
#include <vector>

#include "nodes/reference/registration/stain_signal.h"
#include "nodes/reference/registration/transform_fit.h"

namespace mito::image {

/// How the thumbnail of one slide lies on that of another.
struct CoarseAlignment {
  Rotation rotation;
  Affine moving_from_fixed;  ///< Pixels of the thumbnails.
  double score = 0;          ///< Sum of products over the root of the product of the energies.
};

/// Finds the rotation and shift under which two thumbnails of one resolution correlate best, among
/// `rotations` and all shifts (method 11.6, coarse start). Thumbnails count as 0 outside, so the
/// overlap need not be large, and a small one does not win by chance. Ties: the earlier rotation.
/// Throws DataError when there is no rotation or a thumbnail is empty.
CoarseAlignment align_thumbnails(const Plane& fixed,
                                 const Plane& moving,
                                 const std::vector<Rotation>& rotations);

/// Quarter turns, each +- range in steps of one degree; also mirrored if allowed.
std::vector<Rotation> quarter_turns(double range_deg, bool allow_mirror);

}  // namespace mito::image
