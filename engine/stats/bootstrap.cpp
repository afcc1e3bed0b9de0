#include "engine/stats/bootstrap.h"

#include <string>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/stats/percentile.h"

namespace mito::stats {

std::vector<Resample> resamples(std::size_t cases, int replicates, std::uint64_t seed) {
  if (replicates < 0)
    throw DataError("bootstrap: expected 0 or more replicates, got " + std::to_string(replicates));
  std::vector<Resample> draws(static_cast<std::size_t>(replicates));
  for (std::size_t r = 0; r < draws.size(); ++r) {
    RandomStream random(seed, "bootstrap", r);
    for (std::size_t i = 0; i < cases; ++i)
      draws[r].push_back(random.below(static_cast<std::uint32_t>(cases)));
  }
  return draws;
}

std::vector<std::optional<double>> bootstrap(
    std::span<const Resample> draws,
    const std::function<std::optional<double>(const Resample&)>& statistic) {
  std::vector<std::optional<double>> values;
  values.reserve(draws.size());
  for (const auto& draw : draws) values.push_back(statistic(draw));
  return values;
}

std::optional<Interval> percentile_interval95(std::span<const std::optional<double>> values) {
  std::vector<double> defined;
  for (const auto& value : values)
    if (value) defined.push_back(*value);
  const auto low = percentile(defined, 2.5);
  const auto high = percentile(defined, 97.5);
  if (!low || !high) return std::nullopt;
  return Interval{*low, *high};
}

}  // namespace mito::stats
