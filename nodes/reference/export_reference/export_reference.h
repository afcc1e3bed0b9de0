#pragma once
#include <string>

#include "engine/slide/slide.h"
#include "engine/types/restained.h"

namespace mito::export_reference {

/// Everything the reference standard of a pair was made of.
struct Parts {
  const SlideInfo& he;
  const SlideInfo& phh3;
  const SpotSet& spots;
  const SpotScores& mitoses;
  const GlobalRegistration& global;
  const LocalRegistration& local;
  const ReferenceStandard& reference;
  const SpotScores* artefacts = nullptr;
};

/// One line per spot, header `id,x,y,x_phh3,y_phh3,area_um2,mean_dab,p_no_artefact,p_mitosis,
/// verdict,registration,local_x_um,local_y_um,psr`: x, y in level-0 pixels of the H&E slide. The
/// verdict is that of ReferenceObject, or `not_mitotic`; what a spot was not asked for is empty.
/// Spots that were not registered are placed by the slide's own registration. Throws DataError when
/// the parts do not belong together.
std::string objects_csv(const Parts& parts);

/// What the reference standard is worth: counts from candidate to reference, registration with its
/// trust figures (method 11.5), networks and thresholds, warnings in words. Numbers that cannot be
/// had are null (method 0.7).
std::string certificate(const Parts& parts);

}  // namespace mito::export_reference
