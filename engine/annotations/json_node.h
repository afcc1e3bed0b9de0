#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/annotations/source.h"

namespace mito::annotations {

/// A value of a JSON file that knows its way from the root. Wrong types are DataErrors with line
/// and column: "a.json:3:14: annotations/0/bbox: expected an array, found a string". A cursor: the
/// source and the parsed document must outlive it.
class JsonNode {
 public:
  JsonNode(const Source& source, const nlohmann::json& root) : source_(&source), value_(&root) {}

  const nlohmann::json& value() const { return *value_; }
  /// The way from the root: "annotations/0/bbox".
  const std::string& path() const { return path_; }

  /// Throws when this is no object or has no such member.
  JsonNode at(std::string_view member) const;
  /// Empty when the member is missing or null. Throws when this is no object.
  std::optional<JsonNode> find(std::string_view member) const;
  std::vector<JsonNode> elements() const;
  double number() const;
  /// Empty for null, for the words that programs write for what is no number ("NaN", "Infinity"),
  /// and for any other text that is none.
  std::optional<double> number_if_any() const;
  std::int64_t integer() const;
  const std::string& text() const;
  /// Whole numbers as text, so that ids of both kinds can be read.
  std::string text_or_integer() const;

  [[noreturn]] void fail(const std::string& problem) const;
  [[noreturn]] void expected(std::string_view what) const;

 private:
  JsonNode child(const nlohmann::json& value, const std::string& step) const;
  const Source* source_;
  const nlohmann::json* value_;
  std::string path_;
};

/// NaN and Infinity, which some programs write though JSON has no such numbers, are null. Throws
/// DataError with line and column.
nlohmann::json parse_json(const Source& source);

/// "FILE:LINE:COLUMN" of the value at `path` of a file that parses.
std::string locate_json(const Source& source, std::string_view path);

}  // namespace mito::annotations
