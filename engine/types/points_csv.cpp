#include "engine/types/points_csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>

#include "engine/core/text.h"

namespace mito {
namespace {

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "'" : ", '") + name + "'";
  return out;
}

[[noreturn]] void fail(const SourcePos& pos, const std::string& problem) {
  throw DataError(to_string(pos) + ": " + problem);
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// Splits one line; `put(text, column)` takes each field.
template <class Put>
void split(std::string_view line, const SourcePos& start, Put put) {
  std::size_t at = 0;
  while (true) {
    const auto column = static_cast<int>(at) + 1;
    const auto content = line.find_first_not_of(" \t", at);
    std::size_t end = 0;
    if (content != std::string_view::npos && line[content] == '"') {
      std::string text;
      std::size_t i = content + 1;
      for (;; ++i) {
        if (i >= line.size())
          fail({start.file, start.line, static_cast<int>(content) + 1}, "a quote is never closed");
        if (line[i] != '"') {
          text += line[i];
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          text += line[i++];
        } else {
          break;
        }
      }
      end = std::min(line.find(',', i), line.size());
      if (!trimmed(line.substr(i + 1, end - i - 1)).empty())
        fail({start.file, start.line, static_cast<int>(i) + 2},
             "expected a comma after the closing quote");
      put(text, column);
    } else {
      end = std::min(line.find(',', at), line.size());
      put(trimmed(line.substr(at, end - at)), column);
    }
    if (end == line.size()) return;
    at = end + 1;
  }
}

}  // namespace

CsvTable CsvTable::read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file))
    throw DataError(file.string() + ": cannot be read: expected a CSV file");

  CsvTable table;
  table.file_ = file;
  std::string line;
  SourcePos pos{file.string(), 0, 1};
  while (std::getline(in, line)) {
    ++pos.line;
    if (pos.line == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (line.ends_with('\r')) line.pop_back();
    if (line.find('\0') != std::string::npos) fail(pos, "expected text, found binary data");
    if (trimmed(line).empty()) continue;
    if (table.header_.empty()) {
      split(line, pos, [&](const std::string& name, int column) {
        if (!name.empty() && table.find(name))
          fail({pos.file, pos.line, column}, "column '" + name + "' appears twice");
        table.header_.push_back(name);
      });
      continue;
    }
    Row row{pos.line, {}};
    split(line, pos, [&](const std::string& text, int column) {
      row.cells.push_back({text, column});
    });
    if (row.cells.size() != table.header_.size())
      fail(pos, "expected " + std::to_string(table.header_.size()) +
                    " fields as in the header, found " + std::to_string(row.cells.size()));
    table.rows_.push_back(std::move(row));
  }
  if (in.bad()) throw DataError(file.string() + ": reading failed");
  if (table.header_.empty())
    throw DataError(file.string() + ": is empty: expected a CSV file with a header line");
  return table;
}

std::optional<std::size_t> CsvTable::find(std::string_view column) const {
  const auto it = std::ranges::find(header_, column);
  if (it == header_.end()) return std::nullopt;
  return static_cast<std::size_t>(it - header_.begin());
}

std::optional<std::size_t> CsvTable::find_any(
    std::initializer_list<std::string_view> columns) const {
  for (const auto column : columns)
    if (const auto found = find(column)) return found;
  return std::nullopt;
}

std::size_t CsvTable::require(std::string_view column) const {
  if (const auto found = find(column)) return *found;
  throw DataError(file_.string() + ":1:1: expected a column '" + std::string(column) + "', found " +
                  quoted_list(header_) + did_you_mean(column, header_));
}

const std::string& CsvTable::text(std::size_t row, std::size_t column) const {
  return rows_.at(row).cells.at(column).text;
}

double CsvTable::number(std::size_t row, std::size_t column) const {
  const std::string& field = text(row, column);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value))
    fail(position(row, column),
         "column '" + header_[column] + "': expected a number, found '" + field + "'");
  return value;
}

std::int64_t CsvTable::integer(std::size_t row, std::size_t column) const {
  const std::string& field = text(row, column);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size())
    fail(position(row, column),
         "column '" + header_[column] + "': expected a whole number, found '" + field + "'");
  return value;
}

SourcePos CsvTable::position(std::size_t row, std::size_t column) const {
  return {file_.string(), rows_.at(row).line, rows_.at(row).cells.at(column).column};
}

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
    if (slide && table.text(row, x).empty() && table.text(row, y).empty()) {
      out.without_points.push_back(table.text(row, *slide));
      continue;
    }
    CsvPoint point;
    point.at = {table.number(row, x), table.number(row, y)};
    if (slide) point.slide = table.text(row, *slide);
    if (score && !table.text(row, *score).empty()) point.score = table.number(row, *score);
    if (label) point.label = table.text(row, *label);
    if (id) point.id = table.text(row, *id);
    out.points.push_back(std::move(point));
  }
  return out;
}

bool names_slide(std::string_view named, const std::filesystem::path& slide_file) {
  return named == slide_file.filename().string() || named == slide_file.stem().string();
}

std::optional<std::vector<CsvPoint>> points_of_slide(const CsvPoints& points,
                                                     const std::filesystem::path& slide_file) {
  const auto is_this = [&](const std::string& slide) { return names_slide(slide, slide_file); };
  if (!points.names_slides) return points.points;
  std::vector<CsvPoint> out;
  std::ranges::copy_if(points.points, std::back_inserter(out), is_this, &CsvPoint::slide);
  if (out.empty() && std::ranges::none_of(points.without_points, is_this)) return std::nullopt;
  return out;
}

std::optional<std::vector<PointL0>> true_mitoses(const CsvPoints& points,
                                                 const std::filesystem::path& slide_file) {
  const auto of_slide = points_of_slide(points, slide_file);
  if (!of_slide) return std::nullopt;
  std::vector<PointL0> out;
  for (const auto& point : *of_slide)
    if (point.label.empty() || std::ranges::count(kMitosisPointLabels, point.label) > 0)
      out.push_back(point.at);
  return out;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\n\r ") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace mito
