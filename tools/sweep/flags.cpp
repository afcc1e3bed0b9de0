#include "tools/sweep/flags.h"

#include "tools/sweep/result_file.h"
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::sweep {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_integer()) return value.dump();
  return value.is_number() ? number_text(value.get<double>()) : "";
}

std::vector<std::string> json_flags(const std::filesystem::path& file) {
  const Json root = read_result(file);
  std::vector<std::string> out;
  out.reserve(kFlags.size());
  for (const auto flag : kFlags)
    out.push_back(root.is_object() && root.contains(flag) ? text_of(root.at(std::string(flag)))
                                                          : "");
  return out;
}

std::string common_text(const CsvTable& table, std::string_view column) {
  const auto at = table.find(column);
  if (!at || table.rows() == 0) return "";
  for (std::size_t row = 1; row < table.rows(); ++row)
    if (table.text(row, *at) != table.text(0, *at)) return "";
  return table.text(0, *at);
}

}  // namespace

std::vector<std::string> read_flags(const std::filesystem::path& file) {
  if (file.extension() != ".csv") return json_flags(file);
  const auto table = CsvTable::read(file);
  std::vector<std::string> out;
  out.reserve(kFlags.size());
  for (const auto flag : kFlags) out.push_back(common_text(table, flag));
  return out;
}

}  // namespace mito::sweep
