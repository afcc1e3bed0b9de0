#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/error.h"

namespace mito::config {

/// A YAML node with the place it came from. Parsed once; the rest of the program never sees YAML.
struct Value {
  enum class Kind { Null, Scalar, List, Map };
  struct Entry;

  Kind kind = Kind::Null;
  SourcePos pos;
  std::string scalar;
  bool quoted = false;  ///< Written in quotes: always text.
  std::vector<Value> items;
  std::vector<Entry> entries;
  std::string given_by = {};  ///< "--set" or "preset NAME"; empty: where it stands in the file.

  bool is_map() const { return kind == Kind::Map; }
  bool is_list() const { return kind == Kind::List; }
  bool is_scalar() const { return kind == Kind::Scalar; }
  bool is_null() const { return kind == Kind::Null; }
  const Value* find(std::string_view key) const;  ///< Null when absent or not a map.
  const Entry* entry(std::string_view key) const;
  std::vector<std::string> keys() const;
  std::string kind_name() const;  ///< "a map", "a list", "nothing", "'text'".

  static Value text(std::string scalar, SourcePos pos);
};

struct Value::Entry {
  std::string key;
  SourcePos pos;
  Value value;
};

/// Parses one YAML document. Syntax errors, duplicate keys, keys that are no text, a second
/// document or other text behind the first, and aliases that stand for themselves or for more than
/// 100000 values are reported to `out` with their place; what could be read is returned.
Value parse_yaml(const std::string& text, const std::string& file, Diagnostics& out);

/// Parses the right side of `--set NAME=VALUE`; `where` names the option in messages.
Value parse_override(const std::string& text, const std::string& where, Diagnostics& out);

}  // namespace mito::config
