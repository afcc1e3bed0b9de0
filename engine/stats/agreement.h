#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mito::stats {

/// Quadratic weighted kappa of two gradings in classes 1..`classes` (method 10.3):
/// 1 - sum(wO) / sum(wE) with w = (i - j)^2 / (classes - 1)^2. Empty when sum(wE) is zero: nothing
/// graded, or both gave one and the same class throughout.
/// Throws DataError when the lengths differ or a class is not in 1..`classes`.
std::optional<double> quadratic_kappa(std::span<const int> a,
                                      std::span<const int> b,
                                      int classes = 3);

/// The same of a table of counts [class of a][class of b], row by row. Throws DataError when it is
/// not of classes * classes counts.
std::optional<double> quadratic_kappa_of_table(std::span<const std::int64_t> table,
                                               int classes = 3);

/// Ranks from 1; equal values share the average of their ranks. Throws DataError on NaN.
std::vector<double> average_ranks(std::span<const double> values);

/// Spearman's rank correlation: Pearson of average ranks (method 10.3). Empty when either side is
/// constant or there are fewer than two values. Throws DataError when the lengths differ, or on
/// NaN.
std::optional<double> spearman(std::span<const double> x, std::span<const double> y);

struct Interval {
  double low = 0;
  double high = 0;
};

/// 95 % interval of a correlation of `n` pairs by Fisher's z, whose standard error is 1/sqrt(n-3)
/// (method 10.4). Empty when n < 4. A correlation of 1 or -1 has the width 0.
std::optional<Interval> fisher_interval95(double correlation, std::size_t n);

/// What one observer says of one sample.
enum class Vote : std::int8_t { Missing = -1, Against = 0, For = 1 };

/// [sample][observer]; every row has one entry per observer.
using Votes = std::vector<std::vector<Vote>>;

/// What several observers together say of a sample.
enum class Verdict : std::uint8_t { Against, For, Undecided };

/// More than half of `observers`: 3 of 4.
int simple_majority(std::size_t observers);

/// For or Against when at least `need` votes say so (method 12). A missing vote counts for
/// neither, so `need` of all observers is still required. Throws DataError unless `need` is more
/// than half of the observers and at most all.
Verdict majority(std::span<const Vote> row, int need);

/// Two observers over the samples both labelled.
struct PairAgreement {
  std::size_t first = 0;
  std::size_t second = 0;
  std::int64_t samples = 0;           ///< Labelled by both.
  std::optional<double> agreement;    ///< Share of equal votes; empty without a sample.
  std::optional<double> cohen_kappa;  ///< Empty when agreement by chance is certain, too.
};

/// Every pair of observers, (0,1), (0,2), ... Throws DataError when rows differ in length.
std::vector<PairAgreement> pairwise(const Votes& votes);

/// Mean of the raw agreement of all pairs that have one; empty when none has.
std::optional<double> mean_agreement(std::span<const PairAgreement> pairs);

struct Fleiss {
  std::int64_t complete = 0;    ///< Samples that every observer labelled.
  std::optional<double> kappa;  ///< (Pbar - Pe) / (1 - Pe) of these; empty when Pe = 1.
};

/// Fleiss' kappa over complete samples (method 12); empty for fewer than two observers. Throws
/// DataError when rows differ in length.
Fleiss fleiss(const Votes& votes);

/// One observer measured against the others, a sample counting where more than half of them agree.
struct AgainstOthers {
  std::int64_t true_for = 0;  ///< The others say For, and so does this observer.
  std::int64_t false_against = 0;
  std::int64_t true_against = 0;
  std::int64_t false_for = 0;

  std::optional<double> sensitivity() const;  ///< Empty when the others never say For.
  std::optional<double> specificity() const;  ///< Empty when the others never say Against.
};

/// Counts of `observer`; all zero with fewer than two observers. Throws DataError when rows differ
/// in length or there is no such observer.
AgainstOthers against_others(const Votes& votes, std::size_t observer);

}  // namespace mito::stats
