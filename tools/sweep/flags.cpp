#include "tools/sweep/flags.h"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "tools/sweep/result_file.h"

namespace mito::sweep {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kThreshold = "threshold";
constexpr std::string_view kChosenOn = "threshold_chosen_on";
constexpr std::string_view kOptimistic = "optimistic";

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_integer()) return value.dump();
  return value.is_number() ? number_text(value.get<double>()) : "";
}

bool says(const Json& json, std::string_view flag) {
  return json.is_object() && json.contains(flag) && !text_of(json.at(std::string(flag))).empty();
}

/// Lets `json` speak for what lies below it: where it says how its threshold was chosen, nothing
/// that was said further up of a threshold holds any more.
void listen(const Json& json, std::vector<std::string>& flags) {
  const bool own_threshold = says(json, kChosenOn) || says(json, kOptimistic);
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    const bool of_threshold =
        kFlags[i] == kThreshold || kFlags[i] == kChosenOn || kFlags[i] == kOptimistic;
    if (says(json, kFlags[i])) {
      flags[i] = text_of(json.at(std::string(kFlags[i])));
    } else if (own_threshold && of_threshold) {
      flags[i].clear();
    }
  }
}

std::vector<std::string> json_flags(const std::filesystem::path& file,
                                    const std::vector<std::string>& at) {
  std::vector<std::string> out(kFlags.size());
  const Json root = read_result(file);
  const Json* json = &root;
  listen(*json, out);
  for (const auto& key : at) {
    json = child(*json, key);
    if (json == nullptr) break;
    listen(*json, out);
  }
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

std::vector<std::string> read_flags(const std::filesystem::path& file,
                                    const std::vector<std::string>& at) {
  if (file.extension() != ".csv") return json_flags(file, at);
  const auto table = CsvTable::read(file);
  std::vector<std::string> out;
  out.reserve(kFlags.size());
  for (const auto flag : kFlags) out.push_back(common_text(table, flag));
  return out;
}

}  // namespace mito::sweep
