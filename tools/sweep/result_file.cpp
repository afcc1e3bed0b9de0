#include "tools/sweep/result_file.h"

#include <charconv>
#include <fstream>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::sweep {

nlohmann::json read_result(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw DataError(fmt::format("{}: no such file", file.string()));
  auto root = nlohmann::json::parse(in, nullptr, false);
  if (root.is_discarded()) throw DataError(fmt::format("{}: is not JSON", file.string()));
  return root;
}

const nlohmann::json* child(const nlohmann::json& json, const std::string& key) {
  if (json.is_object()) {
    const auto found = json.find(key);
    return found == json.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  const bool is_index = error == std::errc() && end == key.data() + key.size();
  return json.is_array() && is_index && index < json.size() ? &json[index] : nullptr;
}

}  // namespace mito::sweep
