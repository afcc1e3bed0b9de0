#pragma once
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito {

/// The document in a JSON file, members in file order. Throws DataError naming the file and, where
/// it is not JSON, line and column.
inline nlohmann::ordered_json read_json(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw DataError(file.string() + ": cannot be read");
  try {
    return nlohmann::ordered_json::parse(in);
  } catch (const nlohmann::ordered_json::parse_error& error) {
    throw DataError(file.string() + ": not JSON: " + error.what());
  }
}

}  // namespace mito
