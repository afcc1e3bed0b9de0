#include "engine/stats/paired.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::stats {
namespace {

constexpr std::size_t kExactUnits = 14;  // 16384 swaps
/// Differences that are equal but for the order of additions are equal.
constexpr double kSame = 1e-12;

using Scores = std::vector<std::optional<double>>;

void require_pairs(const Repeats& a, const Repeats& b) {
  const bool same =
      a.seeds() == b.seeds() && a.cases.size() == b.cases.size() &&
      std::ranges::equal(a.cases, b.cases, {}, &std::vector<Part>::size, &std::vector<Part>::size);
  if (same) return;
  throw DataError(fmt::format(
      "paired comparison: expected the same seeds and cases on both sides, got {} seeds and {} "
      "cases beside {} and {}",
      a.seeds(), a.case_count(), b.seeds(), b.case_count()));
}

bool can_resample(const Repeats& repeats) {
  return repeats.seeds() > 1 || repeats.case_count() > 1;
}

CrossedResample everything(const Repeats& repeats) {
  CrossedResample all;
  for (std::size_t s = 0; s < repeats.seeds(); ++s) all.seeds.push_back(s);
  for (std::size_t c = 0; c < repeats.case_count(); ++c) all.cases.push_back(c);
  return all;
}

Scores scores_of(const Repeats& repeats, std::span<const CrossedResample> draws) {
  Scores out;
  out.reserve(draws.size());
  for (const auto& draw : draws) out.push_back(mean_of(repeats, draw));
  return out;
}

std::optional<double> minus(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b ? std::optional(*a - *b) : std::nullopt;
}

/// The units of a permutation test: what is swapped together.
std::size_t units_of(const Repeats& repeats) {
  return repeats.cases.empty() ? repeats.seeds() : repeats.case_count();
}

void swap_unit(Repeats& a, Repeats& b, std::size_t unit) {
  if (a.cases.empty()) {
    std::swap(a.values[unit], b.values[unit]);
  } else {
    for (std::size_t s = 0; s < a.cases.size(); ++s) std::swap(a.cases[s][unit], b.cases[s][unit]);
  }
}

/// Does a swap give a difference as large as the one seen? One that is not defined counts as one.
bool is_as_large(const Repeats& a, const Repeats& b, double seen) {
  const auto swapped = minus(mean_of(a), mean_of(b));
  return !swapped || std::abs(*swapped) >= std::abs(seen) - kSame;
}

double exact_p(Repeats a, Repeats b, double seen) {
  const std::size_t all = std::size_t{1} << units_of(a);
  std::size_t as_large = 0;
  for (std::size_t i = 0; i < all; ++i) {
    as_large += is_as_large(a, b, seen) ? 1U : 0U;
    // Gray code: from one set of swaps to the next it is one unit.
    std::size_t unit = 0;
    while (unit + 1 < units_of(a) && ((i + 1) >> unit) % 2 == 0) ++unit;
    swap_unit(a, b, unit);
  }
  return static_cast<double>(as_large) / static_cast<double>(all);
}

double sampled_p(Repeats a, Repeats b, double seen, int replicates, std::uint64_t seed) {
  std::size_t as_large = 1;  // the one that was seen
  for (int r = 0; r < replicates; ++r) {
    RandomStream random(seed, "permutation", static_cast<std::uint64_t>(r));
    for (std::size_t unit = 0; unit < units_of(a); ++unit)
      if (random.below(2) == 1) swap_unit(a, b, unit);
    as_large += is_as_large(a, b, seen) ? 1U : 0U;
  }
  return static_cast<double>(as_large) / (static_cast<double>(replicates) + 1);
}

/// 1 + how many are better.
std::vector<std::size_t> ranks_of(const Scores& scores, bool higher_is_better) {
  const auto is_better = [&](const std::optional<double>& a, const std::optional<double>& b) {
    if (!a || !b) return a.has_value() && !b.has_value();
    return higher_is_better ? *a > *b + kSame : *a < *b - kSame;
  };
  std::vector<std::size_t> out;
  for (const auto& one : scores)
    out.push_back(1 + static_cast<std::size_t>(std::ranges::count_if(
                          scores, [&](const auto& other) { return is_better(other, one); })));
  return out;
}

}  // namespace

std::vector<CrossedResample> crossed_resamples(std::size_t seeds,
                                               std::size_t cases,
                                               int replicates,
                                               std::uint64_t seed) {
  auto of_cases = resamples(cases, replicates, seed);
  auto of_seeds = resamples(seeds, replicates, seed + 1);  // another stream than the cases'
  std::vector<CrossedResample> out(of_cases.size());
  for (std::size_t r = 0; r < out.size(); ++r)
    out[r] = {std::move(of_seeds[r]), std::move(of_cases[r])};
  return out;
}

std::optional<double> mean_of(const Repeats& repeats, const CrossedResample& draw) {
  if (draw.seeds.empty()) return std::nullopt;
  double sum = 0;
  for (const auto s : draw.seeds) {
    if (repeats.cases.empty()) {
      sum += repeats.values[s];
      continue;
    }
    Part total;
    for (const auto c : draw.cases) {
      total.part += repeats.cases[s][c].part;
      total.whole += repeats.cases[s][c].whole;
    }
    if (!(total.whole > 0)) return std::nullopt;
    sum += total.part / total.whole;
  }
  return sum / static_cast<double>(draw.seeds.size());
}

std::optional<double> mean_of(const Repeats& repeats) {
  return mean_of(repeats, everything(repeats));
}

Difference compare(const Repeats& variant,
                   const Repeats& baseline,
                   int replicates,
                   std::uint64_t seed) {
  require_pairs(variant, baseline);
  Difference out;
  out.value = minus(mean_of(variant), mean_of(baseline));
  out.units = units_of(variant);
  if (!out.value) return out;
  if (can_resample(variant)) {
    const auto draws = crossed_resamples(variant.seeds(), variant.case_count(), replicates, seed);
    const auto ours = scores_of(variant, draws);
    const auto theirs = scores_of(baseline, draws);
    Scores differences;
    std::size_t same = 0;
    std::size_t defined = 0;
    for (std::size_t r = 0; r < draws.size(); ++r) {
      differences.push_back(minus(ours[r], theirs[r]));
      if (!differences.back()) continue;
      ++defined;
      const double d = *differences.back();
      same += (*out.value > kSame && d > kSame) || (*out.value < -kSame && d < -kSame) ? 1U : 0U;
    }
    out.interval = percentile_interval95(differences);
    if (defined > 0 && std::abs(*out.value) > kSame)
      out.same_order = static_cast<double>(same) / static_cast<double>(defined);
  }
  if (out.units < 2) return out;
  out.exact = out.units <= kExactUnits;
  // Swapping all units gives the same difference with the other sign.
  out.least_p = out.exact ? std::ldexp(2.0, -static_cast<int>(out.units)) : 1.0 / (replicates + 1);
  out.p = out.exact ? exact_p(variant, baseline, *out.value)
                    : sampled_p(variant, baseline, *out.value, replicates, seed);
  return out;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> out(p.size());
  double least = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    least = std::max(least, std::min(1.0, static_cast<double>(order.size() - k) * p[order[k]]));
    out[order[k]] = least;
  }
  return out;
}

Ranks rank(std::span<const Repeats> variants,
           bool higher_is_better,
           int replicates,
           std::uint64_t seed) {
  Ranks out;
  if (variants.empty()) return out;
  const auto& first = variants.front();
  Scores seen;
  for (const auto& one : variants) {
    require_pairs(first, one);
    seen.push_back(mean_of(one));
  }
  out.rank = ranks_of(seen, higher_is_better);
  if (!can_resample(first) || replicates < 1) return out;
  out.share.assign(variants.size(), std::vector<double>(variants.size()));
  for (const auto& draw : crossed_resamples(first.seeds(), first.case_count(), replicates, seed)) {
    Scores scores;
    for (const auto& one : variants) scores.push_back(mean_of(one, draw));
    const auto ranks = ranks_of(scores, higher_is_better);
    for (std::size_t v = 0; v < ranks.size(); ++v) out.share[v][ranks[v] - 1] += 1.0 / replicates;
  }
  return out;
}

}  // namespace mito::stats
