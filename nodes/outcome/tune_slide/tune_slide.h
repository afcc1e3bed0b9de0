#pragma once
#include <vector>

#include "engine/stats/cohort.h"
#include "engine/types/tuning.h"

namespace mito::tune_slide {

/// First the threshold delta whose counts have the highest Spearman correlation with the reference
/// proliferation scores, then the counts theta1 < theta2 that grade with the highest quadratic
/// weighted kappa at that delta; of equal ones the first (method 9.6). Slides without the
/// reference that a step needs take no part in it; without any reference grade the second step is
/// left out, with a warning. Does not depend on the order of slides. Throws DataError when there is
/// no slide, slides were counted at different thresholds, or no threshold has a correlation.
Tuning tune(std::vector<stats::SlideCounts> slides);

}  // namespace mito::tune_slide
