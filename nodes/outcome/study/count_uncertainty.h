#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/stats/agreement.h"
#include "engine/stats/hotspot.h"
#include "engine/types/pathology.h"

namespace mito::study {

/// What is counted, and how often it is resampled.
struct UncertaintyParams : stats::HotspotParams {
  int replicates = 500;
  std::int64_t seed = 1;

  static void describe(auto& p, auto&& field) {
    stats::HotspotParams::describe(p, field);
    describe_resamples(p, field);
  }
  static void describe_resamples(auto& p, auto&& field) {
    field("replicates", p.replicates,
          {.range = {0, 1e6}, .doc = "Resamples of the detections behind each interval."});
    field("seed", p.seed, seed_field("Of the resamples."));
  }
};

/// How often detections of a score are mitoses, from the evaluation of other slides.
class ScoreCalibration {
 public:
  /// Scores are taken as probabilities.
  ScoreCalibration() = default;
  /// Reads evaluation_calibration.csv of evaluate_cohort: columns low, high, share_true. Throws
  /// DataError naming file, line and column: a missing column, a range that does not begin where
  /// the last one ended, a share outside [0, 1], or one that is not of so many `detections`, or a
  /// `mean_score` outside its range, where there are these columns.
  explicit ScoreCalibration(const std::filesystem::path& file);

  /// Share of true mitoses in the range of the score; the score itself where there was none.
  double probability(double score) const;
  /// Name of the file; empty for scores as they are.
  const std::string& name() const { return name_; }

 private:
  struct Range {
    double low = 0;
    double high = 0;
    std::optional<double> share;
  };
  std::string name_;
  std::vector<Range> ranges_;  ///< Ascending.
};

/// 95 % intervals of what is counted; empty without a resample.
struct Uncertainty {
  double expected = 0;  ///< Sum of the probabilities: mitoses among the detections.
  std::optional<stats::Interval> detections;
  std::optional<stats::Interval> count_max;
  std::optional<stats::Interval> count_p95;
};

/// Bootstrap over detections (method 14): each resample draws as many detections as there are,
/// with replacement, and keeps each with its probability; the counts of the hotspot are made anew.
/// Resample r is a function of the seed and r alone. `mask`: see stats::find_hotspot().
Uncertainty uncertainty(const UncertaintyParams& params,
                        const DetectionSet& detections,
                        const TissueMask* mask,
                        const ScoreCalibration& calibration);

}  // namespace mito::study
