#pragma once
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/config/value.h"
#include "engine/core/params.h"
#include "engine/core/text.h"

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

std::string type_name(const bool&);
std::string type_name(const int&);
std::string type_name(const std::int64_t&);
std::string type_name(const double&);
std::string type_name(const std::string&);
std::string type_name(const std::optional<double>&);
std::string type_name(const std::vector<double>&);
std::string type_name(const std::vector<int>&);
std::string type_name(const std::vector<std::string>&);

/// Canonical text of a value: the same value has one text, and different values differ.
std::string value_text(bool value);
std::string value_text(int value);
std::string value_text(std::int64_t value);
std::string value_text(double value);
std::string value_text(const std::string& value);
std::string value_text(const std::optional<double>& value);
template <class T>
std::string value_text(const std::vector<T>& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const auto& v : values) texts.push_back(value_text(v));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

/// Checks range and choices; empty when fine, else "must be in [0, 1], got 1.6".
std::string violation(const Field& field, double value);
std::string violation(const Field& field, const std::string& value);

/// Fills a parameter struct from a map; missing keys keep their defaults.
class ParamReader {
 public:
  /// `map` may be null. `owner` starts messages: "node 'cells'".
  ParamReader(const Value* map, std::string owner, Diagnostics& out)
      : map_(map), owner_(std::move(owner)), out_(out) {}

  template <class T>
  void operator()(std::string_view name, T& value, const Field& field) {
    known_.emplace_back(name);
    const Value* given = map_ == nullptr ? nullptr : map_->find(name);
    if (given == nullptr) return;
    read(name, *given, value, field);
  }

  /// Call once after the visit: reports keys that no field claimed.
  void reject_unknown_keys();

 private:
  void wrong_type(std::string_view name, const Value& given, const std::string& expected);
  void report(std::string_view name, const Value& given, const std::string& problem);

  template <class T>
  bool accept(std::string_view name, const Value& given, const T& parsed, const Field& field) {
    std::string problem;
    if constexpr (std::is_same_v<T, std::string>) {
      problem = violation(field, parsed);
    } else if constexpr (!std::is_same_v<T, bool>) {
      problem = violation(field, static_cast<double>(parsed));
    }
    if (!problem.empty()) report(name, given, problem);
    return problem.empty();
  }

  template <class T>
  void read(std::string_view name, const Value& given, T& value, const Field& field) {
    const auto parsed = convert<T>(given);
    if (!parsed) return wrong_type(name, given, type_name(value));
    if (accept(name, given, *parsed, field)) value = *parsed;
  }
  void read(std::string_view name,
            const Value& given,
            std::optional<double>& value,
            const Field& field) {
    if (given.is_null()) {
      value.reset();
      return;
    }
    double number = 0;
    read(name, given, number, field);
    value = number;
  }
  template <class T>
  void read(std::string_view name, const Value& given, std::vector<T>& value, const Field& field) {
    if (!given.is_list()) return wrong_type(name, given, type_name(value));
    value.clear();
    for (const auto& item : given.items) {
      T element{};
      read(name, item, element, field);
      value.push_back(element);
    }
  }

  const Value* map_;
  std::string owner_;
  Diagnostics& out_;
  std::vector<std::string> known_;
};

/// Writes "name=value;" in declaration order: the parameter part of a content key.
class Canonical {
 public:
  void operator()(std::string_view name, const auto& value, const Field& field) {
    if (field.affects != Affects::Result) return;
    text += fmt::format("{}={};", name, value_text(value));
  }
  std::string text;
};

/// Collects one ParamRow per field, beside the same visit over the defaults.
class RowWriter {
 public:
  void operator()(std::string_view name, const auto& value, const Field& field) {
    rows.push_back({std::string(name), type_name(value), value_text(value), {}, field, {}});
  }
  std::vector<ParamRow> rows;
};

}  // namespace mito::config
