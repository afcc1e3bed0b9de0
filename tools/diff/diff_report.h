#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tools/diff/compare.h"

namespace mito::diff {

/// The difference for people; lists of more than `most` lines are cut, and say so.
std::string to_text(const RunDiff& diff, const DetectionOptions& options, std::size_t most = 100);

/// The whole difference, as one JSON document.
std::string to_json(const RunDiff& diff, const DetectionOptions& options);

/// Writes diff.json, diff_parameters.csv, diff_metrics.csv, diff_detections.csv, diff_truth.csv
/// (where true mitoses are known) and diff_SLIDE.geojson of each slide that both runs have, each
/// complete or not at all. Returns their names. Throws DataError.
std::vector<std::string> write(const RunDiff& diff,
                               const DetectionOptions& options,
                               const std::filesystem::path& folder);

}  // namespace mito::diff
