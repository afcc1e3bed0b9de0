#include "engine/stats/matching.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

std::optional<double> ratio(double numerator, double denominator) {
  if (denominator == 0) return std::nullopt;
  return numerator / denominator;
}

std::int64_t size_of(std::size_t n) { return static_cast<std::int64_t>(n); }

struct Edge {
  std::size_t to = 0;
  double squared = 0;
};

/// Who is in reach of whom, from both sides.
struct Reach {
  std::vector<std::vector<Edge>> claims_of;  ///< Per truth.
  std::vector<std::vector<Edge>> truths_of;  ///< Per claim.
};

Reach reach(std::span<const Truth> truths, std::span<const Claim> claims, double radius) {
  std::vector<std::size_t> by_x(claims.size());
  std::iota(by_x.begin(), by_x.end(), std::size_t{0});
  const auto x_of = [&](std::size_t c) { return claims[c].x; };
  std::ranges::sort(by_x, {}, x_of);

  Reach out{std::vector<std::vector<Edge>>(truths.size()),
            std::vector<std::vector<Edge>>(claims.size())};
  const double limit = radius * radius;
  for (std::size_t t = 0; t < truths.size(); ++t) {
    // A margin, since x - radius may round across a claim that lies exactly on the border.
    const double strip = radius * (1 + 1e-9) + std::abs(truths[t].x) * 1e-12;
    for (auto it = std::ranges::lower_bound(by_x, truths[t].x - strip, {}, x_of);
         it != by_x.end() && claims[*it].x <= truths[t].x + strip; ++it) {
      const double dx = claims[*it].x - truths[t].x;
      const double dy = claims[*it].y - truths[t].y;
      const double squared = dx * dx + dy * dy;
      if (squared > limit) continue;
      out.claims_of[t].push_back({*it, squared});
      out.truths_of[*it].push_back({t, squared});
    }
  }
  return out;
}

Counts any_hit(const Reach& reach) {
  Counts counts;
  for (const auto& hits : reach.claims_of) ++(hits.empty() ? counts.fn : counts.tp);
  for (const auto& hits : reach.truths_of) counts.fp += hits.empty() ? 1 : 0;
  return counts;
}

/// Every element of `order` takes the first free partner of `partners`, smallest `rank` first.
template <class Rank>
Counts greedy(const std::vector<std::size_t>& order,
              const std::vector<std::vector<Edge>>& partners,
              std::size_t partner_count,
              Rank rank) {
  std::vector<bool> used(partner_count, false);
  std::int64_t pairs = 0;
  for (const std::size_t i : order) {
    const Edge* nearest = nullptr;
    for (const auto& edge : partners[i])
      if (!used[edge.to] && (nearest == nullptr || rank(edge) < rank(*nearest))) nearest = &edge;
    if (nearest == nullptr) continue;
    used[nearest->to] = true;
    ++pairs;
  }
  return {pairs, 0, 0};
}

/// Least-cost assignment of every row to a column of its own (Hungarian method with potentials,
/// O(rows^2 columns)). `cost` is [rows][columns], rows <= columns. Returns each row's column.
std::vector<std::size_t> assign(const std::vector<double>& cost,
                                std::size_t rows,
                                std::size_t columns) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // Row and column 0 are the virtual start; real ones count from 1.
  std::vector<double> u(rows + 1);
  std::vector<double> v(columns + 1);
  std::vector<std::size_t> row_of(columns + 1);
  for (std::size_t row = 1; row <= rows; ++row) {
    std::vector<double> slack(columns + 1, kInfinity);
    std::vector<std::size_t> previous(columns + 1);
    std::vector<bool> done(columns + 1, false);
    std::size_t column = 0;
    row_of[0] = row;
    do {
      done[column] = true;
      const std::size_t r = row_of[column];
      double delta = kInfinity;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= columns; ++j) {
        if (done[j]) continue;
        const double reduced = cost[(r - 1) * columns + j - 1] - u[r] - v[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if (slack[j] < delta) {
          delta = slack[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= columns; ++j) {
        if (done[j]) {
          u[row_of[j]] += delta;
          v[j] -= delta;
        } else {
          slack[j] -= delta;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    while (column != 0) {
      row_of[column] = row_of[previous[column]];
      column = previous[column];
    }
  }
  std::vector<std::size_t> out(rows);
  for (std::size_t j = 1; j <= columns; ++j)
    if (row_of[j] != 0) out[row_of[j] - 1] = j - 1;
  return out;
}

/// Truths and claims that hang together through being in reach.
struct Group {
  std::vector<std::size_t> truths;
  std::vector<std::size_t> claims;
};

std::vector<Group> groups(const Reach& reach) {
  std::vector<Group> out;
  std::vector<bool> truth_seen(reach.claims_of.size(), false);
  std::vector<bool> claim_seen(reach.truths_of.size(), false);
  for (std::size_t start = 0; start < truth_seen.size(); ++start) {
    if (truth_seen[start] || reach.claims_of[start].empty()) continue;
    truth_seen[start] = true;
    Group group{{start}, {}};
    for (std::size_t t = 0; t < group.truths.size(); ++t) {
      for (const auto& to_claim : reach.claims_of[group.truths[t]]) {
        if (claim_seen[to_claim.to]) continue;
        claim_seen[to_claim.to] = true;
        group.claims.push_back(to_claim.to);
        for (const auto& to_truth : reach.truths_of[to_claim.to]) {
          if (truth_seen[to_truth.to]) continue;
          truth_seen[to_truth.to] = true;
          group.truths.push_back(to_truth.to);
        }
      }
    }
    out.push_back(std::move(group));
  }
  return out;
}

/// Appends the pairs of one group to `out`.
void pair_up(const Reach& reach, const Group& group, double radius, std::vector<Pair>& out) {
  const bool swap = group.truths.size() > group.claims.size();
  const auto& rows = swap ? group.claims : group.truths;
  const auto& columns = swap ? group.truths : group.claims;
  const auto& edges = swap ? reach.truths_of : reach.claims_of;

  // Dearer than all real pairs together: leaving one pair out never pays.
  const double out_of_reach = (static_cast<double>(rows.size()) + 1) * (radius + 1);
  std::vector<double> cost(rows.size() * columns.size(), out_of_reach);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto edge = std::ranges::find(edges[rows[r]], columns[c], &Edge::to);
      if (edge != edges[rows[r]].end()) cost[r * columns.size() + c] = std::sqrt(edge->squared);
    }
  }
  const auto column_of = assign(cost, rows.size(), columns.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double distance = cost[r * columns.size() + column_of[r]];
    if (distance >= out_of_reach) continue;
    const std::size_t row = rows[r];
    const std::size_t column = columns[column_of[r]];
    out.push_back(swap ? Pair{column, row, distance} : Pair{row, column, distance});
  }
}

std::vector<Pair> pairs_of(const Reach& reach, double radius) {
  std::vector<Pair> out;
  for (const auto& group : groups(reach)) pair_up(reach, group, radius, out);
  std::ranges::sort(out, {}, &Pair::truth);
  return out;
}

void check(std::span<const Truth> truths, std::span<const Claim> claims, double radius) {
  if (!(radius > 0) || !std::isfinite(radius))
    throw DataError("matching: the radius must be positive");
  const auto finite = [](const auto& p) { return std::isfinite(p.x) && std::isfinite(p.y); };
  if (!std::ranges::all_of(truths, finite) || !std::ranges::all_of(claims, finite))
    throw DataError("matching: a position is not finite");
}

}  // namespace

std::string_view name(MatchRule rule) {
  switch (rule) {
    case MatchRule::AnyHit:
      return "any_hit";
    case MatchRule::NearestPerTruth:
      return "nearest_per_truth";
    case MatchRule::ConfidenceGreedy:
      return "confidence_greedy";
    case MatchRule::Optimal:
      break;
  }
  return "optimal";
}

Counts& Counts::operator+=(const Counts& other) {
  tp += other.tp;
  fp += other.fp;
  fn += other.fn;
  return *this;
}

std::optional<double> Counts::precision() const {
  return ratio(static_cast<double>(tp), static_cast<double>(tp + fp));
}
std::optional<double> Counts::recall() const {
  return ratio(static_cast<double>(tp), static_cast<double>(tp + fn));
}
std::optional<double> Counts::f1() const {
  return ratio(2 * static_cast<double>(tp), static_cast<double>(2 * tp + fp + fn));
}

std::optional<double> f1_of(double precision, double recall) {
  return ratio(2 * precision * recall, precision + recall);
}

Counts match(std::span<const Truth> truths,
             std::span<const Claim> claims,
             double radius,
             MatchRule rule) {
  check(truths, claims, radius);
  const Reach near = reach(truths, claims, radius);
  if (rule == MatchRule::AnyHit) return any_hit(near);

  Counts counts;
  if (rule == MatchRule::NearestPerTruth) {
    std::vector<std::size_t> order(truths.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    counts = greedy(order, near.claims_of, claims.size(), [&](const Edge& edge) {
      const Claim& c = claims[edge.to];
      return std::tuple(edge.squared, -c.score, c.y, c.x);
    });
  } else if (rule == MatchRule::ConfidenceGreedy) {
    std::vector<std::size_t> order(claims.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t c) {
      return std::tuple(-claims[c].score, claims[c].y, claims[c].x);
    });
    counts = greedy(order, near.truths_of, truths.size(), [&](const Edge& edge) {
      return std::tuple(edge.squared, truths[edge.to].y, truths[edge.to].x);
    });
  } else {
    counts.tp = size_of(pairs_of(near, radius).size());
  }
  counts.fp = size_of(claims.size()) - counts.tp;
  counts.fn = size_of(truths.size()) - counts.tp;
  return counts;
}

std::vector<Pair> optimal_pairs(std::span<const Truth> truths,
                                std::span<const Claim> claims,
                                double radius) {
  check(truths, claims, radius);
  return pairs_of(reach(truths, claims, radius), radius);
}

std::vector<std::uint8_t> in_reach(std::span<const Truth> truths,
                                   std::span<const Claim> claims,
                                   double radius) {
  check(truths, claims, radius);
  const Reach near = reach(truths, claims, radius);
  std::vector<std::uint8_t> out;
  for (const auto& hits : near.truths_of) out.push_back(hits.empty() ? 0 : 1);
  return out;
}

std::vector<std::optional<double>> best_in_reach(std::span<const Truth> truths,
                                                 std::span<const Claim> claims,
                                                 double radius) {
  check(truths, claims, radius);
  std::vector<std::optional<double>> out;
  for (const auto& hits : reach(truths, claims, radius).claims_of) {
    auto& best = out.emplace_back();
    for (const auto& hit : hits)
      best = std::max(best.value_or(claims[hit.to].score), claims[hit.to].score);
  }
  return out;
}

std::vector<CurvePoint> any_hit_curve(std::span<const Image> images,
                                      double radius,
                                      std::span<const double> thresholds) {
  // A truth is hit from the best score in its reach downwards; a claim in reach of none is always
  // wrong. So both counts at a threshold are tails of sorted scores.
  std::vector<double> hit_scores;
  std::vector<double> wrong_scores;
  std::int64_t truths = 0;
  for (const auto& image : images) {
    check(image.truths, image.claims, radius);
    const Reach near = reach(image.truths, image.claims, radius);
    truths += size_of(image.truths.size());
    for (const auto& hits : near.claims_of) {
      if (hits.empty()) continue;
      double score = -std::numeric_limits<double>::infinity();
      for (const auto& hit : hits) score = std::max(score, image.claims[hit.to].score);
      hit_scores.push_back(score);
    }
    for (std::size_t c = 0; c < image.claims.size(); ++c)
      if (near.truths_of[c].empty()) wrong_scores.push_back(image.claims[c].score);
  }
  std::ranges::sort(hit_scores);
  std::ranges::sort(wrong_scores);
  const auto tail = [](const std::vector<double>& scores, double threshold) {
    return size_of(
        static_cast<std::size_t>(scores.end() - std::ranges::lower_bound(scores, threshold)));
  };

  std::vector<CurvePoint> curve;
  for (const double threshold : thresholds) {
    const std::int64_t tp = tail(hit_scores, threshold);
    curve.push_back({threshold, {tp, tail(wrong_scores, threshold), truths - tp}});
  }
  return curve;
}

std::vector<double> distinct_scores(std::span<const Image> images) {
  std::vector<double> scores;
  for (const auto& image : images)
    for (const auto& claim : image.claims) scores.push_back(claim.score);
  std::ranges::sort(scores);
  scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
  return scores;
}

std::optional<CurvePoint> best(std::span<const CurvePoint> curve) {
  std::optional<CurvePoint> found;
  for (const auto& point : curve) {
    const auto f1 = point.counts.f1();
    if (f1 && (!found || *f1 > *found->counts.f1())) found = point;
  }
  return found;
}

std::optional<double> plateau_width(std::span<const CurvePoint> curve, double share) {
  const auto top = best(curve);
  if (!top || !(*top->counts.f1() > 0)) return std::nullopt;
  const double enough = share * *top->counts.f1();
  const auto good = [&](std::size_t i) { return curve[i].counts.f1().value_or(0) >= enough; };
  std::size_t first = 0;
  while (curve[first].threshold != top->threshold) ++first;
  std::size_t last = first;
  while (first > 0 && good(first - 1)) --first;
  while (last + 1 < curve.size() && good(last + 1)) ++last;
  return curve[last].threshold - curve[first].threshold;
}

}  // namespace mito::stats
