#pragma once
#include <filesystem>
#include <optional>

#include "tools/sweep/sweep_file.h"

namespace mito::sweep {

/// The number that `metric` names in the folder of a run; empty where the file says `null`, or has
/// an empty field: a measure that is not defined for these data. Throws DataError naming the file
/// and what it has instead when there is no such place, or something that is no number.
std::optional<double> metric_value(const Metric& metric, const std::filesystem::path& folder);

}  // namespace mito::sweep
