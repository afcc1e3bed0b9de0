#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/stats/agreement.h"

namespace mito::stats {

/// Indices of cases drawn with replacement, as many as there are cases.
using Resample = std::vector<std::size_t>;

/// `replicates` resamples of `cases` cases (method 10.4: 2000). Resample r is a function of the
/// seed and r alone, so more replicates keep the first ones. Empty resamples for no cases.
/// Throws DataError when `replicates` is negative.
std::vector<Resample> resamples(std::size_t cases, int replicates, std::uint64_t seed);

/// A statistic of each resample; empty where it is undefined.
std::vector<std::optional<double>> bootstrap(
    std::span<const Resample> draws,
    const std::function<std::optional<double>(const Resample&)>& statistic);

/// The middle 95 % of the defined values: their 2.5th and 97.5th percentile, linear interpolation
/// (method 10.4). Empty when none is defined. Throws DataError on NaN.
std::optional<Interval> percentile_interval95(std::span<const std::optional<double>> values);

}  // namespace mito::stats
