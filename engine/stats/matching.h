#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/params.h"

namespace mito::stats {

/// A true object. The unit is that of the matching radius (um in reports, px in the vectors).
struct Truth {
  double x = 0;
  double y = 0;
};

/// A claimed object.
struct Claim {
  double x = 0;
  double y = 0;
  double score = 0;
};

/// How claims and truths within reach are counted (method 10.1).
enum class MatchRule : std::uint8_t {
  AnyHit,            ///< AMIDA13 and TUPAC: duplicates are forgiven. The paper's F1.
  NearestPerTruth,   ///< MIDOG: truths in their order take the nearest unused claim.
  ConfidenceGreedy,  ///< OCELOT: claims by falling score take the nearest unused truth.
  Optimal,           ///< The largest number of pairs; of those the least total distance.
};

inline constexpr std::array kMatchRules{MatchRule::AnyHit, MatchRule::NearestPerTruth,
                                        MatchRule::ConfidenceGreedy, MatchRule::Optimal};

/// "any_hit", "nearest_per_truth", "confidence_greedy", "optimal".
std::string_view name(MatchRule rule);

/// How near a claim must be to find a true object: 7.5 um (30 px), as AMIDA13 has it.
inline Field match_field(std::string_view doc) {
  return {.unit = Unit::Micron, .range = {0.01, 250}, .origin = Origin::Paper, .doc = doc};
}

/// Counts add up over images: sums give the micro average.
struct Counts {
  std::int64_t tp = 0;
  std::int64_t fp = 0;
  std::int64_t fn = 0;

  Counts& operator+=(const Counts& other);
  bool operator==(const Counts&) const = default;

  /// Empty where the denominator is zero: undefined is not zero (method 0.7).
  std::optional<double> precision() const;  ///< TP / (TP + FP)
  std::optional<double> recall() const;     ///< TP / (TP + FN)
  std::optional<double> f1() const;         ///< 2 TP / (2 TP + FP + FN)
};

/// Harmonic mean of precision and recall (method 10.6); empty when both are 0.
std::optional<double> f1_of(double precision, double recall);

/// Matches the claims of one image with its truths; in reach means a distance <= `radius`. Does not
/// depend on the order of claims; ties go to the nearer, then higher score, then smaller y, then x.
/// Throws DataError when the radius is not positive or a position is not finite.
Counts match(std::span<const Truth> truths,
             std::span<const Claim> claims,
             double radius,
             MatchRule rule);

/// A truth and the claim that finds it.
struct Pair {
  std::size_t truth = 0;  ///< Index.
  std::size_t claim = 0;
  double distance = 0;
};

/// The pairs that `MatchRule::Optimal` forms, by truth. Throws as match().
std::vector<Pair> optimal_pairs(std::span<const Truth> truths,
                                std::span<const Claim> claims,
                                double radius);

/// For each claim 1 when a truth is in its reach, else 0. Throws as match().
std::vector<std::uint8_t> in_reach(std::span<const Truth> truths,
                                   std::span<const Claim> claims,
                                   double radius);

/// For each truth the highest score of the claims in its reach; empty where there is none. Throws
/// as match().
std::vector<std::optional<double>> best_in_reach(std::span<const Truth> truths,
                                                 std::span<const Claim> claims,
                                                 double radius);

struct Image {
  std::vector<Truth> truths;
  std::vector<Claim> claims;
};

struct CurvePoint {
  double threshold = 0;
  Counts counts;
};

/// Micro-averaged counts under `any_hit` of the claims with score >= threshold, for each threshold
/// in the given order (method 10.2).
std::vector<CurvePoint> any_hit_curve(std::span<const Image> images,
                                      double radius,
                                      std::span<const double> thresholds);

/// All distinct scores, ascending.
std::vector<double> distinct_scores(std::span<const Image> images);

/// The first point with the highest F1; empty when no point has one.
std::optional<CurvePoint> best(std::span<const CurvePoint> curve);

/// Width of the run of thresholds around `best` whose F1 is at least `share` of the maximum: how
/// little the choice of threshold matters (method 10.2). The curve must ascend. Empty when no
/// point has an F1 above 0.
std::optional<double> plateau_width(std::span<const CurvePoint> curve, double share = 0.95);

}  // namespace mito::stats
