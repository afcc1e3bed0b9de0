#include "tools/sweep/curve_file.h"

#include <algorithm>
#include <map>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/types/points_csv.h"

namespace mito::sweep {
namespace {

using report::CurvePoint;
using report::Range;

std::vector<std::size_t> chosen_rows(const Chart& chart, const CsvTable& table) {
  std::vector<std::pair<std::size_t, std::string>> wanted;
  std::vector<std::string> text;
  for (const auto& [column, value] : chart.where) {
    wanted.emplace_back(table.require(column), value);
    text.push_back(fmt::format("'{}' in column '{}'", value, column));
  }
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (std::ranges::all_of(
            wanted, [&](const auto& one) { return table.text(row, one.first) == one.second; }))
      rows.push_back(row);
  }
  if (rows.empty()) {
    throw DataError(fmt::format("{}: has no row{}{}", table.file().string(),
                                text.empty() ? "" : " with ", fmt::join(text, " and ")));
  }
  return rows;
}

/// Up all the way, or down all the way.
bool is_one_curve(const std::vector<CurvePoint>& points) {
  return std::ranges::is_sorted(points, {}, &CurvePoint::x) ||
         std::ranges::is_sorted(points, std::ranges::greater(), &CurvePoint::x);
}

/// Points by x; those that share their x with another one are left out.
std::map<double, CurvePoint> by_x(const std::vector<CurvePoint>& points) {
  std::map<double, std::size_t> count;
  for (const auto& point : points) ++count[point.x];
  std::map<double, CurvePoint> out;
  for (const auto& point : points)
    if (count[point.x] == 1) out.emplace(point.x, point);
  return out;
}

CurvePoint mean_of(const std::vector<CurvePoint>& points) {
  const auto n = static_cast<double>(points.size());
  CurvePoint mean{points.front().x, 0, Range{}};
  for (const auto& point : points) {
    mean.y += point.y / n;
    if (!point.band) mean.band.reset();
    if (!mean.band) continue;
    mean.band->low += point.band->low / n;
    mean.band->high += point.band->high / n;
  }
  return mean;
}

}  // namespace

std::vector<CurvePoint> read_curve(const Chart& chart, const std::filesystem::path& folder) {
  const auto table = CsvTable::read(folder / chart.file);
  const auto x = table.require(chart.x);
  const auto y = table.require(chart.y);
  const bool has_band = !chart.low.empty();
  const auto low = has_band ? table.require(chart.low) : 0;
  const auto high = has_band ? table.require(chart.high) : 0;
  std::vector<CurvePoint> points;
  for (const auto row : chosen_rows(chart, table)) {
    if (table.text(row, x).empty() || table.text(row, y).empty()) continue;
    CurvePoint point{table.number(row, x), table.number(row, y), std::nullopt};
    if (has_band && !table.text(row, low).empty() && !table.text(row, high).empty())
      point.band = Range{table.number(row, low), table.number(row, high)};
    points.push_back(point);
  }
  if (!is_one_curve(points)) {
    throw DataError(
        fmt::format("{}: '{}' goes up and down, so its rows are several curves; say "
                    "with where: {{COLUMN: VALUE}} which one is meant",
                    table.file().string(), chart.x));
  }
  return points;
}

std::vector<CurvePoint> mean_curve(std::span<const std::vector<CurvePoint>> curves) {
  if (curves.empty()) return {};
  if (curves.size() == 1) return curves.front();
  std::vector<std::map<double, CurvePoint>> all;
  for (const auto& curve : curves) all.push_back(by_x(curve));
  std::vector<CurvePoint> mean;
  for (const auto& point : curves.front()) {
    std::vector<CurvePoint> here;
    for (const auto& points : all)
      if (const auto found = points.find(point.x); found != points.end())
        here.push_back(found->second);
    if (here.size() == curves.size()) mean.push_back(mean_of(here));
  }
  return mean;
}

}  // namespace mito::sweep
