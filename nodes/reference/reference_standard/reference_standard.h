#pragma once
#include "engine/core/params.h"
#include "engine/types/pathology.h"
#include "engine/types/restained.h"

namespace mito::reference_standard {

struct Params {
  bool keep_flagged = true;
  double min_distance_um = 0;

  static void describe(auto& p, auto&& field) {
    field("keep_flagged", p.keep_flagged,
          {.doc = "Keep mitoses whose local registration was refused, at the place the slide's own "
                  "registration gives; off: reject them."});
    field("min_distance_um", p.min_distance_um,
          {.unit = Unit::Micron,
           .range = {0, 100},
           .doc = "Of two mitoses closer than this the less probable one is rejected; 0 keeps both "
                  "halves of a late figure, as the paper does."});
  }
};

/// The reference standard of an H&E slide (Sec. III-B): every spot that CNN2 calls mitotic, carried
/// over by the registration, with a verdict. `artefacts` (what CNN1 says) is only counted: CNN2 has
/// learnt artefacts as negatives (method 4.4). `he_grid` is the analysis grid of the H&E slide.
/// Throws DataError when the inputs do not belong together.
ReferenceStandard build(const SpotSet& spots,
                        const SpotScores* artefacts,
                        const SpotScores& mitoses,
                        const LocalRegistration& registration,
                        const Grid& he_grid,
                        const Params& params);

/// The accepted mitoses as detections, most probable first, ties by y, then x.
DetectionSet accepted(const ReferenceStandard& reference, double threshold);

}  // namespace mito::reference_standard
