#pragma once
#include <string>
#include <vector>

#include "engine/core/described.h"
#include "engine/core/seen_files.h"

namespace mito {

/// A table of numbers with named columns; NaN is a value that is undefined.
struct NumberTable {
  std::vector<std::string> columns;
  std::vector<double> values;  ///< [row][column]

  /// CSV with a header; undefined values are empty.
  std::string to_csv() const;
};

/// What is said of the images of a tuning that was written down before images were.
inline constexpr const char* kTuningWithoutImages =
    "the thresholds were written down before images were recorded";

/// Thresholds that were chosen on the cases of a tuning set (method 9.6), and how. They say
/// nothing about these cases: whoever measures with them refuses each.
struct Tuning {
  std::string measure;         ///< "f1" or "spearman": what delta maximises.
  std::string rule;            ///< How it was measured: matching rule and radius, or the hotspot.
  double min_probability = 0;  ///< delta.
  double value = 0;            ///< Of the measure at delta.
  bool has_grades = false;     ///< Are the following two chosen, too?
  int grade1_max_count = 0;    ///< theta1.
  int grade2_max_count = 0;    ///< theta2.
  double kappa = 0;            ///< Quadratic weighted kappa at theta1 and theta2.
  std::vector<std::string> cases;                 ///< Sorted, each once.
  std::vector<std::string> warnings;              ///< A maximum at the edge of its grid, a plateau.
  NumberTable delta_curve;                        ///< One row per threshold.
  NumberTable grade_curve;                        ///< One row per pair of thresholds.
  SeenFiles images = {{}, kTuningWithoutImages};  ///< The files of the slides of `cases`.
};

template <>
struct Payload<Tuning> {
  static constexpr TypeDesc kDesc{"Tuning", 1};
  static void describe(Description<Tuning>& d);
};

}  // namespace mito
