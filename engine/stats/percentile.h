#pragma once
#include <optional>
#include <vector>

namespace mito::stats {

/// The `percent`-th percentile with linear interpolation between order statistics, numpy's default
/// ("type 7"; method 0.4). Empty for no values.
/// Throws DataError when `percent` is outside 0..100 or a value is NaN.
std::optional<double> percentile(std::vector<double> values, double percent);

}  // namespace mito::stats
