#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "engine/stats/paired.h"
#include "tools/sweep/sweep_file.h"

namespace mito::sweep {

/// What each case gives to a metric, by the name of the case.
using CaseParts = std::map<std::string, stats::Part>;

/// The parts that `metric.cases` names in the folder of a run; rows of one case are added up.
/// `value` is the metric itself. Throws DataError naming the file when it or a column is missing,
/// it has no row, or the parts of all cases together do not give `value` (to 0.001): they would
/// count something else.
CaseParts case_parts(const Metric& metric,
                     const std::optional<double>& value,
                     const std::filesystem::path& folder);

}  // namespace mito::sweep
