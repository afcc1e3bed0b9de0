#pragma once
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito {

/// Has the parser throw DataError naming the file where a document is nested deeper than any of
/// ours: who copies it would run out of stack.
inline auto refuse_deep(const std::string& file) {
  return [file](int depth, nlohmann::ordered_json::parse_event_t, nlohmann::ordered_json&) {
    constexpr int kMaxDepth = 100;
    if (depth <= kMaxDepth) return true;
    throw DataError(file + ": nested deeper than 100 levels");
  };
}

/// The document in a JSON file, members in file order. Throws DataError naming the file and, where
/// it is not JSON, line and column.
inline nlohmann::ordered_json read_json(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw DataError(file.string() + ": cannot be read");
  try {
    return nlohmann::ordered_json::parse(in, refuse_deep(file.string()));
  } catch (const nlohmann::ordered_json::parse_error& error) {
    throw DataError(file.string() + ": not JSON: " + error.what());
  }
}

}  // namespace mito
