#include "engine/stats/percentile.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"

namespace mito::stats {

std::optional<double> percentile(std::vector<double> values, double percent) {
  if (!(percent >= 0 && percent <= 100)) throw DataError("percentile: expected 0 to 100 percent");
  if (std::ranges::any_of(values, [](double v) { return std::isnan(v); }))
    throw DataError("percentile: a value is not a number");
  if (values.empty()) return std::nullopt;
  const double at = percent / 100.0 * static_cast<double>(values.size() - 1);
  const double low = std::floor(at);
  const auto index = static_cast<std::ptrdiff_t>(low);
  std::ranges::nth_element(values, values.begin() + index);
  const double below = values[static_cast<std::size_t>(index)];
  if (at == low) return below;
  const double above = *std::min_element(values.begin() + index + 1, values.end());
  return below + (above - below) * (at - low);
}

}  // namespace mito::stats
