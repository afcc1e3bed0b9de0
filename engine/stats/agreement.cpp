#include "engine/stats/agreement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

constexpr double kZ95 = 1.959963984540054;  // 97.5th percentile of the normal distribution

void require_equal_lengths(std::size_t a, std::size_t b) {
  if (a != b)
    throw DataError("agreement: " + std::to_string(a) + " values on one side, " +
                    std::to_string(b) + " on the other");
}

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Number of observers; checks that every row has as many.
std::size_t observers_of(const Votes& votes) {
  const std::size_t observers = votes.empty() ? 0 : votes.front().size();
  for (const auto& row : votes)
    if (row.size() != observers)
      throw DataError("votes: one sample has " + std::to_string(observers) + " votes, another " +
                      std::to_string(row.size()));
  return observers;
}

PairAgreement compare(const Votes& votes, std::size_t first, std::size_t second) {
  PairAgreement pair{first, second, 0, std::nullopt, std::nullopt};
  std::array<std::int64_t, 2> given_first{};
  std::array<std::int64_t, 2> given_second{};
  std::int64_t equal = 0;
  for (const auto& row : votes) {
    if (row[first] == Vote::Missing || row[second] == Vote::Missing) continue;
    ++pair.samples;
    ++given_first[row[first] == Vote::For ? 1 : 0];
    ++given_second[row[second] == Vote::For ? 1 : 0];
    equal += row[first] == row[second] ? 1 : 0;
  }
  pair.agreement = ratio(equal, pair.samples);
  // In whole numbers, so that "certain" is exact: chance / samples^2 is Pe.
  const std::int64_t chance = given_first[0] * given_second[0] + given_first[1] * given_second[1];
  pair.cohen_kappa = ratio(equal * pair.samples - chance, pair.samples * pair.samples - chance);
  return pair;
}

}  // namespace

std::optional<double> quadratic_kappa(std::span<const int> a, std::span<const int> b, int classes) {
  require_equal_lengths(a.size(), b.size());
  const auto index = [&](int value) {
    if (value < 1 || value > classes)
      throw DataError("quadratic kappa: expected classes 1 to " + std::to_string(classes) +
                      ", found " + std::to_string(value));
    return static_cast<std::size_t>(value) - 1;
  };
  const auto n = static_cast<std::size_t>(classes);
  std::vector<std::int64_t> table(n * n);
  for (std::size_t i = 0; i < a.size(); ++i) ++table[index(a[i]) * n + index(b[i])];
  return quadratic_kappa_of_table(table, classes);
}

std::optional<double> quadratic_kappa_of_table(std::span<const std::int64_t> table, int classes) {
  const auto n = static_cast<std::size_t>(classes);
  if (table.size() != n * n)
    throw DataError("quadratic kappa: " + std::to_string(table.size()) + " counts for " +
                    std::to_string(classes) + " classes");
  std::vector<std::int64_t> of_a(n);
  std::vector<std::int64_t> of_b(n);
  for (std::size_t i = 0; i < table.size(); ++i) {
    of_a[i / n] += table[i];
    of_b[i % n] += table[i];
  }
  std::int64_t values = 0;
  std::int64_t observed = 0;
  std::int64_t expected = 0;  // times the number of values
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto apart = static_cast<std::int64_t>(i / n) - static_cast<std::int64_t>(i % n);
    values += table[i];
    observed += apart * apart * table[i];
    expected += apart * apart * of_a[i / n] * of_b[i % n];
  }
  if (expected == 0) return std::nullopt;
  return 1 - static_cast<double>(observed) * static_cast<double>(values) /
                 static_cast<double>(expected);
}

std::vector<double> average_ranks(std::span<const double> values) {
  if (std::ranges::any_of(values, [](double v) { return std::isnan(v); }))
    throw DataError("ranks: a value is not a number");
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i)
      ranks[order[i]] = static_cast<double>(begin + 1 + end) / 2;
    begin = end;
  }
  return ranks;
}

std::optional<double> spearman(std::span<const double> x, std::span<const double> y) {
  require_equal_lengths(x.size(), y.size());
  const auto rank_x = average_ranks(x);
  const auto rank_y = average_ranks(y);
  const double mean = (static_cast<double>(x.size()) + 1) / 2;
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (rank_x[i] - mean) * (rank_x[i] - mean);
    yy += (rank_y[i] - mean) * (rank_y[i] - mean);
    xy += (rank_x[i] - mean) * (rank_y[i] - mean);
  }
  // Ranks are halves of whole numbers: constant ranks give exactly zero.
  if (xx == 0 || yy == 0) return std::nullopt;
  return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

std::optional<Interval> fisher_interval95(double correlation, std::size_t n) {
  if (n < 4) return std::nullopt;
  if (std::abs(correlation) >= 1) return Interval{correlation, correlation};
  const double z = std::atanh(correlation);
  const double reach = kZ95 / std::sqrt(static_cast<double>(n) - 3);
  return Interval{std::tanh(z - reach), std::tanh(z + reach)};
}

int simple_majority(std::size_t observers) { return static_cast<int>(observers / 2) + 1; }

Verdict majority(std::span<const Vote> row, int need) {
  const auto observers = static_cast<int>(row.size());
  if (2 * need <= observers || need > observers)
    throw DataError("votes needed: must be more than half of the " + std::to_string(observers) +
                    " observers and at most all of them, got " + std::to_string(need));
  if (std::ranges::count(row, Vote::For) >= need) return Verdict::For;
  if (std::ranges::count(row, Vote::Against) >= need) return Verdict::Against;
  return Verdict::Undecided;
}

std::vector<PairAgreement> pairwise(const Votes& votes) {
  const std::size_t observers = observers_of(votes);
  std::vector<PairAgreement> pairs;
  for (std::size_t i = 0; i < observers; ++i)
    for (std::size_t j = i + 1; j < observers; ++j) pairs.push_back(compare(votes, i, j));
  return pairs;
}

std::optional<double> mean_agreement(std::span<const PairAgreement> pairs) {
  double sum = 0;
  std::size_t defined = 0;
  for (const auto& pair : pairs) {
    if (!pair.agreement) continue;
    sum += *pair.agreement;
    ++defined;
  }
  if (defined == 0) return std::nullopt;
  return sum / static_cast<double>(defined);
}

Fleiss fleiss(const Votes& votes) {
  const auto observers = static_cast<std::int64_t>(observers_of(votes));
  Fleiss result;
  std::int64_t all_for = 0;
  std::int64_t agreeing = 0;  // ordered pairs of observers that agree, over all samples
  for (const auto& row : votes) {
    if (std::ranges::count(row, Vote::Missing) > 0) continue;
    const std::int64_t said_for = std::ranges::count(row, Vote::For);
    const std::int64_t against = observers - said_for;
    ++result.complete;
    all_for += said_for;
    agreeing += said_for * (said_for - 1) + against * (against - 1);
  }
  const std::int64_t all = result.complete * observers;
  if (observers < 2 || all == 0 || all_for == 0 || all_for == all) return result;
  const double mean = static_cast<double>(agreeing) / static_cast<double>(all * (observers - 1));
  const double share = static_cast<double>(all_for) / static_cast<double>(all);
  const double chance = share * share + (1 - share) * (1 - share);
  result.kappa = (mean - chance) / (1 - chance);
  return result;
}

std::optional<double> AgainstOthers::sensitivity() const {
  return ratio(true_for, true_for + false_against);
}

std::optional<double> AgainstOthers::specificity() const {
  return ratio(true_against, true_against + false_for);
}

AgainstOthers against_others(const Votes& votes, std::size_t observer) {
  const std::size_t observers = observers_of(votes);
  AgainstOthers counts;
  if (votes.empty()) return counts;
  if (observer >= observers)
    throw DataError("votes: there is no observer " + std::to_string(observer));
  if (observers < 2) return counts;
  for (const auto& row : votes) {
    if (row[observer] == Vote::Missing) continue;
    auto others = row;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(observer));
    const bool said_for = row[observer] == Vote::For;
    switch (majority(others, simple_majority(others.size()))) {
      case Verdict::For:
        ++(said_for ? counts.true_for : counts.false_against);
        break;
      case Verdict::Against:
        ++(said_for ? counts.false_for : counts.true_against);
        break;
      case Verdict::Undecided:
        break;
    }
  }
  return counts;
}

}  // namespace mito::stats
