#pragma once
#include <span>
#include <string_view>

#include "engine/config/value.h"
#include "engine/core/error.h"

namespace mito::config {

/// A key of a map in a YAML file. Readers refuse other keys, and the JSON Schema of the file, which
/// editors go by, is made of the same table.
struct Key {
  std::string_view name;
  /// The JSON Schema of its value. A text "@WORD" in it stands for the schema of another map.
  std::string_view schema;
  bool required = false;
};

/// Reports every key of `map` that is not among `known`, with the nearest that is. `owner` starts
/// messages: "node 'cells'".
void check_keys(const Value& map,
                std::span<const Key> known,
                std::string_view owner,
                Diagnostics& out);

}  // namespace mito::config
