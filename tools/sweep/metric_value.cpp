#include "tools/sweep/metric_value.h"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "tools/sweep/result_file.h"

namespace mito::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// What there is below a JSON value, for messages.
std::string contents(const Json& json, const std::string& key) {
  if (json.is_array()) return fmt::format("a list of {}", json.size());
  if (!json.is_object()) return json.dump();
  std::vector<std::string> keys;
  for (const auto& [name, value] : json.items()) keys.push_back(name);
  const std::string hint = did_you_mean(key, keys);
  return hint.empty() ? fmt::format("the keys {}", fmt::join(keys, ", ")) : "others" + hint;
}

std::optional<double> json_value(const Metric& metric, const fs::path& file) {
  const Json root = read_result(file);
  const Json* at = &root;
  std::string path;
  for (const auto& key : metric.at) {
    const Json* next = child(*at, key);
    if (next == nullptr) {
      throw DataError(fmt::format("{}: expected '{}' {}, found {}", file.string(), key,
                                  path.empty() ? "at the top" : "in '" + path + "'",
                                  contents(*at, key)));
    }
    path += fmt::format("{}{}", path.empty() ? "" : ".", key);
    at = next;
  }
  if (at->is_null()) return std::nullopt;
  if (at->is_boolean()) return at->get<bool>() ? 1 : 0;
  if (at->is_number()) return at->get<double>();
  throw DataError(fmt::format("{}: expected a number at '{}', found {}", file.string(), path,
                              contents(*at, "")));
}

std::size_t row_of(const Metric& metric, const CsvTable& table) {
  std::vector<std::size_t> found;
  std::string wanted = "one row (say which with row: {COLUMN: VALUE})";
  if (metric.row_column.empty()) {
    for (std::size_t row = 0; row < table.rows(); ++row) found.push_back(row);
  } else {
    const auto column = table.require(metric.row_column);
    for (std::size_t row = 0; row < table.rows(); ++row)
      if (table.text(row, column) == metric.row_value) found.push_back(row);
    wanted = fmt::format("one row with '{}' in column '{}'", metric.row_value, metric.row_column);
  }
  if (found.size() != 1) {
    throw DataError(
        fmt::format("{}: expected {}, found {}", table.file().string(), wanted, found.size()));
  }
  return found.front();
}

std::optional<double> csv_value(const Metric& metric, const fs::path& file) {
  const auto table = CsvTable::read(file);
  const auto column = table.require(metric.at.front());
  const auto row = row_of(metric, table);
  if (table.text(row, column).empty()) return std::nullopt;
  return table.number(row, column);
}

}  // namespace

std::optional<double> metric_value(const Metric& metric, const fs::path& folder) {
  const fs::path file = folder / metric.file;
  return file.extension() == ".csv" ? csv_value(metric, file) : json_value(metric, file);
}

}  // namespace mito::sweep
