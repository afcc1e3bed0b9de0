#include "engine/config/param_io.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"

namespace mito::config {
namespace {

template <class T>
std::optional<T> whole_number(const Value& value) {
  if (!value.is_scalar() || value.quoted) return std::nullopt;
  T number{};
  const char* begin = value.scalar.data();
  const char* end = begin + value.scalar.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error == std::errc() && rest == end) return number;
  const auto real = convert<double>(value);  // 1e6 is a whole number, too
  if (!real || *real != std::floor(*real) || std::abs(*real) > 1e15) return std::nullopt;
  if (std::abs(*real) > static_cast<double>(std::numeric_limits<T>::max())) return std::nullopt;
  return static_cast<T>(*real);
}

}  // namespace

template <>
std::optional<bool> convert<bool>(const Value& value) {
  if (!value.is_scalar() || value.quoted) return std::nullopt;
  if (value.scalar == "true" || value.scalar == "yes" || value.scalar == "on") return true;
  if (value.scalar == "false" || value.scalar == "no" || value.scalar == "off") return false;
  return std::nullopt;
}

template <>
std::optional<int> convert<int>(const Value& value) {
  return whole_number<int>(value);
}

template <>
std::optional<std::int64_t> convert<std::int64_t>(const Value& value) {
  return whole_number<std::int64_t>(value);
}

template <>
std::optional<double> convert<double>(const Value& value) {
  if (!value.is_scalar() || value.quoted) return std::nullopt;
  double number = 0;
  const char* begin = value.scalar.data();
  const char* end = begin + value.scalar.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

template <>
std::optional<std::string> convert<std::string>(const Value& value) {
  if (!value.is_scalar()) return std::nullopt;
  return value.scalar;
}

namespace {

std::string type_name(const bool&) { return "yes/no"; }
std::string type_name(const int&) { return "integer"; }
std::string type_name(const std::int64_t&) { return "integer"; }
std::string type_name(const double&) { return "number"; }
std::string type_name(const std::string&) { return "text"; }
std::string type_name(const std::optional<double>&) { return "number or null"; }
std::string type_name(const std::vector<double>&) { return "list of numbers"; }
std::string type_name(const std::vector<int>&) { return "list of integers"; }
std::string type_name(const std::vector<std::string>&) { return "list of texts"; }

/// Canonical text of a value: the same value has one text, and different values differ.
std::string value_text(bool value) { return value ? "true" : "false"; }
std::string value_text(int value) { return fmt::format("{}", value); }
std::string value_text(std::int64_t value) { return fmt::format("{}", value); }
std::string value_text(double value) { return number_text(value); }
std::string value_text(const std::string& value) {
  const bool plain = !value.empty() && std::ranges::none_of(value, [](char c) {
    return c == '"' || c == ';' || c == ',' || c == '\\' || c == '\n';
  });
  if (plain) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}
std::string value_text(const std::optional<double>& value) {
  return value ? number_text(*value) : "null";
}
template <class T>
std::string value_text(const std::vector<T>& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const auto& v : values) texts.push_back(value_text(v));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

/// Reads one field, and reports what is wrong with it.
class FieldReader {
 public:
  FieldReader(const BoundField& field, const std::string& owner, Diagnostics& out)
      : field_(field), owner_(owner), out_(out) {}

  template <class T>
  void read(const Value& given, T& value) {
    const auto parsed = convert<T>(given);
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      using Range = std::numeric_limits<T>;
      const auto real = parsed ? std::nullopt : convert<double>(given);
      if (real && *real == std::floor(*real))
        return report(given, fmt::format("must be an integer from {} to {}, got {}", Range::min(),
                                         Range::max(), given.scalar));
    }
    if (!parsed) return wrong_type(given, type_name(value));
    if (accept(given, *parsed)) value = *parsed;
  }
  void read(const Value& given, std::optional<double>& value) {
    if (given.is_null()) {
      value.reset();
      return;
    }
    double number = 0;
    read(given, number);
    value = number;
  }
  template <class T>
  void read(const Value& given, std::vector<T>& value) {
    if (!given.is_list()) return wrong_type(given, type_name(value));
    value.clear();
    for (const auto& item : given.items) {
      T element{};
      read(item, element);
      value.push_back(element);
    }
  }

 private:
  template <class T>
  bool accept(const Value& given, const T& parsed) {
    std::string problem;
    if constexpr (std::is_same_v<T, std::string>) {
      problem = value_problem(field_.field, parsed);
    } else if constexpr (!std::is_same_v<T, bool>) {
      problem = value_problem(field_.field, static_cast<double>(parsed));
    }
    if (!problem.empty()) report(given, problem);
    return problem.empty();
  }
  void wrong_type(const Value& given, const std::string& expected) {
    report(given, fmt::format("must be {} {}, got {}", expected[0] == 'i' ? "an" : "a", expected,
                              given.kind_name()));
  }
  void report(const Value& given, const std::string& problem) {
    out_.add(given.pos, fmt::format("{}: parameter '{}' {}", owner_, field_.name, problem));
  }

  const BoundField& field_;
  const std::string& owner_;
  Diagnostics& out_;
};

void reject_unknown_keys(const Value& map,
                         const std::vector<std::string>& known,
                         const std::string& owner,
                         Diagnostics& out) {
  if (!map.is_map() && !map.is_null()) {
    out.add(map.pos, fmt::format("{}: params must be a map, got {}", owner, map.kind_name()));
    return;
  }
  for (const auto& entry : map.entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    std::string hint = did_you_mean(entry.key, known);
    if (hint.empty() && !known.empty()) hint = fmt::format("; it has {}", fmt::join(known, ", "));
    out.add(entry.pos, fmt::format("{} has no parameter '{}'{}", owner, entry.key, hint));
  }
}

}  // namespace

void FieldList::read(const Value* map, const std::string& owner, Diagnostics& out) const {
  if (map == nullptr) return;
  std::vector<std::string> known;
  for (const auto& field : fields_) {
    known.push_back(field.name);
    const Value* given = map->find(field.name);
    if (given == nullptr) continue;
    FieldReader reader(field, owner, out);
    std::visit([&](auto* value) { reader.read(*given, *value); }, field.value);
  }
  reject_unknown_keys(*map, known, owner, out);
}

std::string canonical(const std::vector<ParamRow>& rows) {
  std::string text;
  for (const auto& row : rows) {
    const bool counts = row.field.affects == Affects::Result ||
                        (row.field.affects == Affects::Addition && row.value != row.default_value);
    if (counts) text += fmt::format("{}={};", row.name, row.value);
  }
  return text;
}

std::vector<ParamRow> FieldList::rows() const {
  std::vector<ParamRow> rows;
  for (const auto& field : fields_) {
    std::visit(
        [&](const auto* value) {
          const auto text = value_text(*value);
          rows.push_back({field.name, type_name(*value), text, text, field.field, {}});
        },
        field.value);
  }
  return rows;
}

}  // namespace mito::config
