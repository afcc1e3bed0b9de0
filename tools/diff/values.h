#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mito::diff {

/// A value that two runs do not share. A text is empty where a run has no such value.
struct ValueChange {
  std::string where;  ///< File, node or input.
  std::string name;   ///< Place in it: "rules.any_hit.f1", "slides[a].f1", "min_probability".
  std::string a;
  std::string b;
  std::optional<double> difference;  ///< b - a of numbers.
};

/// The values in which two JSON documents differ, in the order of `a`. Elements of a list are told
/// apart by their `name`, `slide`, `case` or `sample` where each has one of its own in both, else
/// counted from 0. `seconds` at the top are no result and left out.
std::vector<ValueChange> compare_json(const std::string& where,
                                      const nlohmann::ordered_json& a,
                                      const nlohmann::ordered_json& b);

/// How many numbers a document holds, `seconds` left out.
std::size_t count_numbers(const nlohmann::ordered_json& json);

}  // namespace mito::diff
