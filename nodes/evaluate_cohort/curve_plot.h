#pragma once
#include <optional>
#include <span>
#include <string>

#include "engine/stats/cohort.h"

namespace mito::evaluate_cohort {

/// F1 at one threshold.
struct CurveRow {
  double threshold = 0;
  stats::Counts counts;
  stats::Rates rates;
};

/// F1 with its interval against the threshold as an SVG picture (Fig. 7): a line, a band, and a
/// mark at `measured`.
std::string plot(std::span<const CurveRow> rows, double measured, const std::string& title);

}  // namespace mito::evaluate_cohort
