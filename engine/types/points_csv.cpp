#include "engine/types/points_csv.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace mito {

CsvPoints read_points(const std::filesystem::path& file) {
  const CsvTable table = CsvTable::read(file);
  const auto x = table.require("x");
  const auto y = table.require("y");
  const auto slide = table.find_any({"slide", "image"});
  const auto score = table.find("score");
  const auto label = table.find("label");
  const auto id = table.find("id");

  CsvPoints out{slide.has_value(), label.has_value(), {}, {}};
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (slide && table.text(row, *slide).empty())
      throw DataError(to_string(table.position(row, *slide)) +
                      ": expected the name of a slide, as the file has a column for it");
    if (slide && table.text(row, x).empty() && table.text(row, y).empty()) {
      out.without_points.push_back(table.text(row, *slide));
      continue;
    }
    CsvPoint point;
    point.at = {table.number(row, x), table.number(row, y)};
    if (slide) point.slide = table.text(row, *slide);
    if (score && !is_undefined_number(table.text(row, *score)))
      point.score = table.number(row, *score);
    if (label) point.label = table.text(row, *label);
    if (id) point.id = table.text(row, *id);
    out.points.push_back(std::move(point));
  }
  return out;
}

std::vector<std::string> named_slides(const CsvPoints& points) {
  std::set<std::string> names(points.without_points.begin(), points.without_points.end());
  for (const auto& point : points.points) names.insert(point.slide);
  return {names.begin(), names.end()};
}

std::optional<std::vector<CsvPoint>> points_of_slide(const CsvPoints& points,
                                                     const std::filesystem::path& slide_file) {
  if (!points.names_slides) return points.points;
  const auto names = named_slides(points);
  std::set<std::string_view> own;
  for (const auto i : names_of_slide(names, slide_file)) own.insert(names[i]);
  if (own.empty()) return std::nullopt;
  std::vector<CsvPoint> out;
  std::ranges::copy_if(
      points.points, std::back_inserter(out),
      [&](const std::string& slide) { return own.contains(slide); }, &CsvPoint::slide);
  return out;
}

std::optional<std::vector<PointL0>> true_mitoses(const CsvPoints& points,
                                                 const std::filesystem::path& slide_file,
                                                 const PointL0& origin) {
  const auto of_slide = points_of_slide(points, slide_file);
  if (!of_slide) return std::nullopt;
  std::vector<PointL0> out;
  for (const auto& point : *of_slide)
    if (point.label.empty() || std::ranges::count(kMitosisPointLabels, point.label) > 0)
      out.push_back({point.at.x + origin.x, point.at.y + origin.y});
  return out;
}

}  // namespace mito
