#include "tools/diff/values.h"

#include <utility>

#include "engine/core/text.h"

namespace mito::diff {
namespace {

using Json = nlohmann::ordered_json;
/// What an element of a list is called, or empty.
std::string name_in(const Json& element) {
  if (!element.is_object()) return "";
  for (const char* key : {"name", "slide", "case", "sample"}) {
    const auto found = element.find(key);
    if (found != element.end() && found->is_string()) return found->get<std::string>();
  }
  return "";
}

/// The elements of a list by name; empty unless every one has a name of its own.
Json by_name(const Json& list) {
  Json out = Json::object();
  for (const auto& element : list) {
    const auto name = name_in(element);
    if (name.empty() || out.contains(name)) return Json::object();
    out[name] = element;
  }
  return out;
}

Json by_number(const Json& list) {
  Json out = Json::object();
  for (std::size_t i = 0; i < list.size(); ++i) out[std::to_string(i)] = list[i];
  return out;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? number_text(value.get<double>())
                                 : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Walks through two documents side by side.
class Comparison {
 public:
  explicit Comparison(std::string where) : where_(std::move(where)) {}

  /// Either may be null: that document has nothing here.
  void compare(const std::string& place, const Json* a, const Json* b) {
    if (a != nullptr && b != nullptr && *a == *b) return;
    const bool lists = holds(a, b, &Json::is_array);
    if (!lists && !holds(a, b, &Json::is_object)) return leaf(place, a, b);
    if (!lists) return members(place, "", "", object_of(a), object_of(b));
    Json in_a = by_name(list_of(a));
    Json in_b = by_name(list_of(b));
    if (in_a.size() != list_of(a).size() || in_b.size() != list_of(b).size()) {
      in_a = by_number(list_of(a));
      in_b = by_number(list_of(b));
    }
    members(place, "[", "]", in_a, in_b);
  }

  std::vector<ValueChange> take() && { return std::move(out_); }

 private:
  /// Is what there is of the two of one kind, and something in it?
  static bool holds(const Json* a, const Json* b, bool (Json::*kind)() const) {
    bool filled = false;
    for (const auto* json : {a, b}) {
      if (json != nullptr && !(json->*kind)()) return false;
      filled = filled || (json != nullptr && !json->empty());
    }
    return filled;
  }
  static Json object_of(const Json* json) { return json == nullptr ? Json::object() : *json; }
  static Json list_of(const Json* json) { return json == nullptr ? Json::array() : *json; }

  void members(const std::string& place,
               const std::string& open,
               const std::string& close,
               const Json& a,
               const Json& b) {
    const auto in = [&](const std::string& key) {
      return place.empty() || !open.empty() ? place + open + key + close : place + "." + key;
    };
    for (const auto& [key, value] : a.items()) {
      if (place.empty() && key == "seconds") continue;
      const auto other = b.find(key);
      compare(in(key), &value, other == b.end() ? nullptr : &*other);
    }
    for (const auto& [key, value] : b.items())
      if (!a.contains(key) && !(place.empty() && key == "seconds"))
        compare(in(key), nullptr, &value);
  }

  void leaf(const std::string& place, const Json* a, const Json* b) {
    ValueChange change{where_, place, "", "", std::nullopt};
    if (a != nullptr) change.a = text_of(*a);
    if (b != nullptr) change.b = text_of(*b);
    if (a != nullptr && b != nullptr && a->is_number() && b->is_number())
      change.difference = b->get<double>() - a->get<double>();
    out_.push_back(std::move(change));
  }

  std::string where_;
  std::vector<ValueChange> out_;
};

std::size_t numbers_in(const Json& json, bool is_top) {
  if (!json.is_structured()) return json.is_number() ? 1 : 0;
  std::size_t numbers = 0;
  for (const auto& [key, value] : json.items())
    if (!(is_top && json.is_object() && key == "seconds")) numbers += numbers_in(value, false);
  return numbers;
}

}  // namespace

std::vector<ValueChange> compare_json(const std::string& where, const Json& a, const Json& b) {
  Comparison comparison(where);
  comparison.compare("", &a, &b);
  return std::move(comparison).take();
}

std::size_t count_numbers(const Json& json) { return numbers_in(json, true); }

}  // namespace mito::diff
