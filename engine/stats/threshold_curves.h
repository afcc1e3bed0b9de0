#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mito::stats {

/// The first maximum of a curve, and what makes it doubtful (method 9.6).
struct Maximum {
  std::size_t index = 0;    ///< First point with the highest value.
  double value = 0;         ///< That value.
  std::size_t plateau = 1;  ///< Points in a row from `index` on that share it.
  bool at_edge = false;     ///< It touches an end of the grid: the best may lie outside.
};

/// The first maximum in order. Values within 1e-12 are the same: the order of additions decides no
/// maximum. Undefined points are passed over; empty when no point is defined.
std::optional<Maximum> first_maximum(std::span<const std::optional<double>> values);

/// What a warning says of a maximum that touches an end of the grid.
inline constexpr std::string_view kAtAnEnd = "is at an end of the grid";

/// What is doubtful about a maximum over `at`, for people: that it touches an end, that it is a
/// plateau (method 9.6). `what` names the measure.
std::vector<std::string> warnings_of(const Maximum& maximum,
                                     std::span<const double> at,
                                     const std::string& what);

/// `low`, `low + step`, ... up to and with `high`, each the double nearest to its decimal number
/// when `step` is a whole part of one. Throws DataError unless low <= high and 0 < step, or when it
/// has more than a million points.
std::vector<double> threshold_grid(double low, double high, double step);

/// 1 if count <= theta1, 2 if count <= theta2, else 3 (method 9.5).
int grade_of_count(double count, double theta1, double theta2);

/// Quadratic weighted kappa of the grades that two count thresholds give.
struct GradePoint {
  int theta1 = 0;
  int theta2 = 0;
  std::optional<double> kappa;
};

/// Kappa for all integers 0 <= theta1 < theta2 <= floor(highest count) + 1, ordered by theta1, then
/// theta2 (method 9.6). Throws DataError when lengths differ, a grade is not 1..3, or a count is
/// negative, not finite or above 10000.
std::vector<GradePoint> grade_curve(std::span<const double> counts, std::span<const int> grades);

/// The first point with the highest kappa; empty when none is defined.
std::optional<GradePoint> best(std::span<const GradePoint> curve);

}  // namespace mito::stats
