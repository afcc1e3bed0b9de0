#include "engine/stats/proportion.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/error.h"

namespace mito::stats {

std::optional<Interval> wilson_interval95(std::int64_t count, std::int64_t n) {
  constexpr double kZ = 1.959963984540054;  // 97.5th percentile of the normal distribution
  if (count < 0 || count > n)
    throw DataError("a share of " + std::to_string(count) + " in " + std::to_string(n));
  if (n == 0) return std::nullopt;
  const auto size = static_cast<double>(n);
  const double p = static_cast<double>(count) / size;
  const double scale = 1 + kZ * kZ / size;
  const double middle = (p + kZ * kZ / (2 * size)) / scale;
  const double half = kZ * std::sqrt(p * (1 - p) / size + kZ * kZ / (4 * size * size)) / scale;
  return Interval{std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

}  // namespace mito::stats
