#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/stats/cohort.h"
#include "nodes/outcome/study/calibration.h"
#include "nodes/outcome/study/froc.h"
#include "nodes/outcome/study/threshold_source.h"

namespace mito::evaluate_cohort {

/// A group under one rule.
struct Measured {
  stats::MatchRule rule;
  stats::Counts counts;
  stats::Rates rates;
  std::optional<double> fp_per_mm2;  ///< Empty when the tissue is not known.
};

/// Slides that are measured together.
struct Group {
  std::string level;  ///< "slide", "centre", "scanner", "total"
  std::string name;
  std::vector<stats::CohortSlide> slides;
  std::size_t cases = 0;
  std::int64_t objects = 0;
  std::int64_t detections = 0;       ///< With at least the threshold.
  std::optional<double> tissue_mm2;  ///< Empty when the tissue of a slide is not known.
  std::vector<Measured> rules;       ///< In the order of stats::kMatchRules.
};

/// F1 at one threshold.
struct CurveRow {
  double threshold = 0;
  stats::Counts counts;
  stats::Rates rates;
};

}  // namespace mito::evaluate_cohort
