#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/config/value.h"
#include "engine/core/params.h"

namespace mito::config {

/// One parameter of one node, ready to print: the row behind `describe`, `plan` and the docs.
struct ParamRow {
  std::string name;
  std::string type;  ///< "number", "integer", "yes/no", "text", "list of numbers", ...
  std::string value;
  std::string default_value;
  Field field;
  std::string set_by;  ///< "file", "preset NAME" or "--set"; empty: not set.
};

/// "name=value;" in declaration order: the parameter part of a content key.
std::string canonical(const std::vector<ParamRow>& rows);

/// Reads one typed value; std::nullopt when the text is not of that type.
template <class T>
std::optional<T> convert(const Value& value);
template <>
std::optional<bool> convert<bool>(const Value& value);
template <>
std::optional<int> convert<int>(const Value& value);
template <>
std::optional<std::int64_t> convert<std::int64_t>(const Value& value);
template <>
std::optional<double> convert<double>(const Value& value);
template <>
std::optional<std::string> convert<std::string>(const Value& value);

/// One field of a parameter struct: what its describe() says, and where its value is.
struct BoundField {
  using Target = std::variant<bool*,
                              int*,
                              std::int64_t*,
                              double*,
                              std::string*,
                              std::optional<double>*,
                              std::vector<double>*,
                              std::vector<int>*,
                              std::vector<std::string>*>;
  std::string name;
  Target value;
  Field field;
};

/// The fields of a parameter struct, which must outlive them: the visitor of its describe().
class FieldList {
 public:
  void operator()(std::string_view name, auto& value, const Field& field) {
    fields_.push_back({std::string(name), &value, field});
  }

  /// Fills the struct from a map, which may be null; missing keys keep their values. `owner` starts
  /// messages: "node 'cells'". Reports keys that no field claims.
  void read(const Value* map, const std::string& owner, Diagnostics& out) const;

  /// One row per field, with the value that it has now, also as its default.
  std::vector<ParamRow> rows() const;

 private:
  std::vector<BoundField> fields_;
};

}  // namespace mito::config
