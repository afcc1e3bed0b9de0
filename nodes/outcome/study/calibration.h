#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mito::stats {

/// Scores of one range, and how often they were right.
struct CalibrationBin {
  double low = 0;  ///< Scores s with low <= s < high; the last bin has its end, too.
  double high = 0;
  std::int64_t count = 0;
  std::optional<double> mean_score;  ///< Empty for no score.
  std::optional<double> share_true;  ///< Empty for no score.
};

/// Do probabilities mean what they say (method 14)?
struct Calibration {
  std::vector<CalibrationBin> bins;
  /// Expected calibration error: mean over all scores of |mean_score - share_true| of their bin.
  std::optional<double> expected_error;
};

/// Calibration curve over `bins` equal ranges of [0, 1]; `is_true[i]` (0 or 1) says whether the
/// object behind `scores[i]` was one. Throws DataError when lengths differ, `bins` is not positive
/// or a score lies outside [0, 1].
Calibration calibrate(std::span<const double> scores,
                      std::span<const std::uint8_t> is_true,
                      int bins);

}  // namespace mito::stats
