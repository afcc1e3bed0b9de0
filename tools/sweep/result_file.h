#pragma once
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace mito::sweep {

/// The document in a JSON file that a run wrote. Throws DataError when it is not there or not JSON.
nlohmann::json read_result(const std::filesystem::path& file);

/// What `json` has under a key or, when it is a list, at an index; null: nothing.
const nlohmann::json* child(const nlohmann::json& json, const std::string& key);

}  // namespace mito::sweep
