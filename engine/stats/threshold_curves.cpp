#include "engine/stats/threshold_curves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/stats/agreement.h"

namespace mito::stats {
namespace {

constexpr double kTie = 1e-12;
constexpr double kHighestCount = 10000;
constexpr double kMostPoints = 1e6;

int whole_highest(std::span<const double> counts) {
  double highest = 0;
  for (const double count : counts) {
    if (!(count >= 0 && count <= kHighestCount))
      throw DataError("tuning of grades: expected counts from 0 to 10000, found " +
                      number_text(count));
    highest = std::max(highest, count);
  }
  return static_cast<int>(std::floor(highest));
}

constexpr std::size_t kGrades = 3;

/// Slides of each reference grade whose count is at most 0, 1, ..., `highest`: a pair of thresholds
/// costs the same however many slides there are. `highest` is above all counts.
std::array<std::vector<std::int64_t>, kGrades> slides_up_to(std::span<const double> counts,
                                                            std::span<const int> grades,
                                                            int highest) {
  if (counts.size() != grades.size())
    throw DataError(
        fmt::format("tuning of grades: {} counts, but {} grades", counts.size(), grades.size()));
  std::array<std::vector<std::int64_t>, kGrades> out;
  for (auto& one : out) one.assign(static_cast<std::size_t>(highest) + 1, 0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (grades[i] < 1 || grades[i] > static_cast<int>(kGrades))
      throw DataError(fmt::format("tuning of grades: expected grades 1 to 3, found {}", grades[i]));
    ++out[static_cast<std::size_t>(grades[i]) - 1][static_cast<std::size_t>(std::ceil(counts[i]))];
  }
  for (auto& one : out) std::partial_sum(one.begin(), one.end(), one.begin());
  return out;
}

}  // namespace

std::optional<Maximum> first_maximum(std::span<const std::optional<double>> values) {
  std::optional<Maximum> found;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] && (!found || *values[i] > found->value + kTie))
      found = {i, *values[i], 1, false};
  if (!found) return found;
  std::size_t end = found->index + 1;
  while (end < values.size() && values[end] && *values[end] >= found->value - kTie) ++end;
  found->plateau = end - found->index;
  found->at_edge = found->index == 0 || end == values.size();
  return found;
}

std::vector<std::string> warnings_of(const Maximum& maximum,
                                     std::span<const double> at,
                                     const std::string& what) {
  std::vector<std::string> out;
  const std::string first = number_text(at[maximum.index]);
  const std::string last = number_text(at[maximum.index + maximum.plateau - 1]);
  if (maximum.at_edge)
    out.push_back(
        fmt::format("the highest {} {} ({}): the best may lie outside", what, kAtAnEnd, first));
  if (maximum.plateau > 1)
    out.push_back("the highest " + what + " is the same from " + first + " to " + last +
                  ": the first was taken");
  return out;
}

std::vector<double> threshold_grid(double low, double high, double step) {
  if (!(low <= high) || !(step > 0) || (high - low) / step > kMostPoints)
    throw DataError("thresholds: expected low <= high and a positive step, got " +
                    number_text(low) + " to " + number_text(high) + " by " + number_text(step));
  // Counted in steps, and in decimal numbers where the grid is one: 0.919 is 919 / 1000, while
  // 0.8 + 119 * 0.001 is another double.
  const double per_unit = std::round(1 / step);
  const bool decimal = std::abs(per_unit * step - 1) < 1e-9;
  const double first = std::round(low * per_unit);
  const bool on_grid = decimal && std::abs(low * per_unit - first) < 1e-6;
  const auto points = static_cast<std::int64_t>(std::floor((high - low) / step + 1e-6));
  std::vector<double> out;
  for (std::int64_t i = 0; i <= points; ++i) {
    const auto n = static_cast<double>(i);
    out.push_back(on_grid ? (first + n) / per_unit : low + n * step);
  }
  return out;
}

int grade_of_count(double count, double theta1, double theta2) {
  if (count <= theta1) return 1;
  return count <= theta2 ? 2 : 3;
}

std::vector<GradePoint> grade_curve(std::span<const double> counts, std::span<const int> grades) {
  const int highest = whole_highest(counts);
  const auto up_to = slides_up_to(counts, grades, highest + 1);
  std::vector<GradePoint> curve;
  for (int theta1 = 0; theta1 <= highest; ++theta1) {
    for (int theta2 = theta1 + 1; theta2 <= highest + 1; ++theta2) {
      std::array<std::int64_t, kGrades * kGrades> table{};
      for (std::size_t g = 0; g < kGrades; ++g) {
        const auto first = up_to[g][static_cast<std::size_t>(theta1)];
        const auto second = up_to[g][static_cast<std::size_t>(theta2)];
        table[kGrades * g] = first;
        table[kGrades * g + 1] = second - first;
        table[kGrades * g + 2] = up_to[g].back() - second;
      }
      curve.push_back({theta1, theta2, quadratic_kappa_of_table(table)});
    }
  }
  return curve;
}

std::optional<GradePoint> best(std::span<const GradePoint> curve) {
  std::vector<std::optional<double>> values;
  for (const auto& point : curve) values.push_back(point.kappa);
  const auto maximum = first_maximum(values);
  if (!maximum) return std::nullopt;
  return curve[maximum->index];
}

}  // namespace mito::stats
