#pragma once
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/stats/cohort.h"
#include "engine/types/tuning.h"

namespace mito::tune_detection {

struct Params {
  double match_um = 7.5;
  double lowest = 0.8;
  double highest = 0.999;
  double step = 0.001;

  static void describe(auto& p, auto&& field) {
    field("match_um", p.match_um,
          {.unit = Unit::Micron,
           .range = {0.01, 250},
           .origin = Origin::Paper,
           .doc = "A detection this close to a true mitosis finds it (30 px; AMIDA13 rule)."});
    field("lowest", p.lowest,
          {.unit = Unit::Probability, .range = {0, 1}, .doc = "First threshold that is tried."});
    field("highest", p.highest,
          {.unit = Unit::Probability, .range = {0, 1}, .doc = "Last threshold that is tried."});
    field("step", p.step,
          {.unit = Unit::Probability, .range = {1e-6, 1}, .doc = "Distance of the thresholds."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// The threshold delta with the highest micro-averaged F1 under `any_hit`, the first of equal ones,
/// and the whole curve (method 9.6). Does not depend on the order of slides. Throws DataError when
/// there is no slide, the detections of a slide start above `lowest`, or no threshold has an F1.
Tuning tune(const Params& params, const std::vector<stats::CohortSlide>& cohort);

}  // namespace mito::tune_detection
