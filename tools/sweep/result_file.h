#pragma once
#include <filesystem>

#include <nlohmann/json.hpp>

namespace mito::sweep {

/// The document in a JSON file that a run wrote. Throws DataError when it is not there or not JSON.
nlohmann::json read_result(const std::filesystem::path& file);

}  // namespace mito::sweep
