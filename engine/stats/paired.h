#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/stats/agreement.h"
#include "engine/stats/bootstrap.h"

namespace mito::stats {

/// What one case gives to a ratio of sums: F1 is 2 TP of 2 TP + FP + FN, recall TP of TP + FN.
struct Part {
  double part = 0;
  double whole = 0;
};

/// A number of one variant of an experiment, repeated with several seeds.
struct Repeats {
  std::vector<double> values;            ///< [seed]; for numbers of which no cases are known.
  std::vector<std::vector<Part>> cases;  ///< [seed][case]; empty: no cases are known.

  std::size_t seeds() const { return cases.empty() ? values.size() : cases.size(); }
  std::size_t case_count() const { return cases.empty() ? 0 : cases.front().size(); }
};

/// Seeds and cases of one resample. Both are drawn with replacement, apart from each other, since
/// every seed is measured on every case.
struct CrossedResample {
  Resample seeds;
  Resample cases;  ///< Empty where no cases are known.
};

/// Resample r is a function of the numbers, the seed and r alone (method 10.4). Throws DataError
/// when `replicates` is negative.
std::vector<CrossedResample> crossed_resamples(std::size_t seeds,
                                               std::size_t cases,
                                               int replicates,
                                               std::uint64_t seed);

/// The mean over the seeds of `draw` of the ratio of sums over its cases; without cases, the mean
/// of the values. Empty when no seed is drawn or a sum of wholes is zero.
std::optional<double> mean_of(const Repeats& repeats, const CrossedResample& draw);

/// The same of each seed and each case, once.
std::optional<double> mean_of(const Repeats& repeats);

/// How far a variant is from a baseline that was measured with the same seeds on the same cases.
struct Difference {
  std::optional<double> value;       ///< Variant - baseline.
  std::optional<Interval> interval;  ///< 95 %; empty for one seed and fewer than two cases.
  std::optional<double> same_order;  ///< Share of the resamples in which the sign is that of
                                     ///< `value`; empty where there is no interval.
  std::optional<double> p;           ///< Two-sided; empty for fewer than two units.
  std::optional<double> least_p;     ///< The smallest that so many units can give.
  std::size_t units = 0;             ///< Cases where they are known, else seeds.
  bool exact = false;                ///< All swaps were tried, not a sample of them.
};

/// Difference with the 95 % percentile interval of a bootstrap over seeds and cases, and the p of a
/// permutation test that swaps variant and baseline within a case (in all seeds at once), or within
/// a seed where no cases are known: all swaps up to 14 units, else `replicates` random ones and the
/// one that was seen. Throws DataError when the two do not have the same seeds and cases.
Difference compare(const Repeats& variant,
                   const Repeats& baseline,
                   int replicates,
                   std::uint64_t seed);

/// The values of p of several comparisons, each corrected for all of them as Holm (1979) does, in
/// the order given: whoever takes those below alpha for differences finds one where there is none
/// in a share alpha of such families at most, however the comparisons depend on each other.
std::vector<double> holm(std::span<const double> p);

/// How ranks hold when seeds and cases are drawn anew, as challengeR has it (Wiesenfarth et al.
/// 2021).
struct Ranks {
  std::vector<std::size_t> rank;           ///< [variant], from 1; equals share the better one.
  std::vector<std::vector<double>> share;  ///< [variant][rank - 1]: share of the resamples.
};

/// Ranks of variants that have the same seeds and cases. A variant whose number is not defined is
/// behind all others. Shares are empty for one seed and fewer than two cases. Throws DataError when
/// the variants do not have the same seeds and cases.
Ranks rank(std::span<const Repeats> variants,
           bool higher_is_better,
           int replicates,
           std::uint64_t seed);

}  // namespace mito::stats
