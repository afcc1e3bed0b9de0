#pragma once
#include <cstdint>
#include <optional>

#include "engine/stats/agreement.h"

namespace mito::stats {

/// Wilson's 95 % score interval of a share of `count` in `n` (method 10.6):
/// (p + z^2/2n -+ z sqrt(p (1 - p) / n + z^2/4n^2)) / (1 + z^2/n), with z = 1.959964. Empty when n
/// is 0. Throws DataError unless 0 <= count <= n.
std::optional<Interval> wilson_interval95(std::int64_t count, std::int64_t n);

}  // namespace mito::stats
