#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/tuning.h"

namespace mito::stats {

/// What a report says when nobody told it where a threshold was chosen.
inline constexpr const char* kNotStated = "not stated";

/// Where the thresholds of a result were chosen, and whether that flatters it (method 10.5).
struct ThresholdSource {
  std::string chosen_on;
  std::optional<bool> optimistic;  ///< Empty when it was not said.

  /// "yes", "no", or empty.
  std::string optimistic_text() const;
};

/// The source that `tuning` (may be null) names, else what the user `stated`: optimistic when that
/// is "same data" or one of `measured`, the names of the slides and cases that are measured.
ThresholdSource threshold_source(const std::string& stated,
                                 const Tuning* tuning,
                                 const std::vector<std::string>& measured);

/// Throws DataError when `tuning` (may be null) maximised another measure than `measure`: the delta
/// of grades is not that of detections (method 9.6).
void require_measure(const Tuning* tuning, std::string_view measure);

}  // namespace mito::stats
