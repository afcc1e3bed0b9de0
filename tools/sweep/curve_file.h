#pragma once
#include <filesystem>
#include <span>
#include <vector>

#include "engine/report/figure.h"
#include "tools/sweep/report_keys.h"

namespace mito::sweep {

/// The points that `chart` names in the folder of a run, in the order of its file. Rows in which x
/// or y is not defined are left out. Throws DataError naming the file when it or a column is
/// missing, no row is chosen, or the chosen ones do not follow one curve: x goes up and down.
std::vector<report::CurvePoint> read_curve(const Chart& chart, const std::filesystem::path& folder);

/// The mean of y, and of the ends of its interval, at every x that all `curves` have once; in the
/// order of the first curve. A single curve is its own mean.
std::vector<report::CurvePoint> mean_curve(std::span<const std::vector<report::CurvePoint>> curves);

}  // namespace mito::sweep
