#include "engine/config/param_io.h"

#include <algorithm>
#include <charconv>

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

std::string type_name(const bool&) { return "yes/no"; }
std::string type_name(const int&) { return "integer"; }
std::string type_name(const std::int64_t&) { return "integer"; }
std::string type_name(const double&) { return "number"; }
std::string type_name(const std::string&) { return "text"; }
std::string type_name(const std::optional<double>&) { return "number or null"; }
std::string type_name(const std::vector<double>&) { return "list of numbers"; }
std::string type_name(const std::vector<int>&) { return "list of integers"; }
std::string type_name(const std::vector<std::string>&) { return "list of texts"; }

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

std::string violation(const Field& field, double value) {
  if (value >= field.range.min && value <= field.range.max) return {};
  if (field.range.max == std::numeric_limits<double>::infinity()) {
    return fmt::format("must be at least {}, got {}", number_text(field.range.min),
                       number_text(value));
  }
  return fmt::format("must be in [{}, {}], got {}", number_text(field.range.min),
                     number_text(field.range.max), number_text(value));
}

std::string violation(const Field& field, const std::string& value) {
  if (field.choices.empty() || std::ranges::find(field.choices, value) != field.choices.end())
    return {};
  const std::vector<std::string> known(field.choices.begin(), field.choices.end());
  return fmt::format("must be one of {}, got '{}'{}", fmt::join(known, ", "), value,
                     did_you_mean(value, known));
}

void ParamReader::report(std::string_view name, const Value& given, const std::string& problem) {
  out_.add(given.pos, fmt::format("{}: parameter '{}' {}", owner_, name, problem));
}

void ParamReader::wrong_type(std::string_view name,
                             const Value& given,
                             const std::string& expected) {
  report(name, given,
         fmt::format("must be {} {}, got {}", expected[0] == 'i' ? "an" : "a", expected,
                     given.kind_name()));
}

void ParamReader::reject_unknown_keys() {
  if (map_ == nullptr) return;
  if (!map_->is_map() && !map_->is_null()) {
    out_.add(map_->pos, fmt::format("{}: params must be a map, got {}", owner_, map_->kind_name()));
    return;
  }
  for (const auto& entry : map_->entries) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    std::string hint = did_you_mean(entry.key, known_);
    if (hint.empty() && !known_.empty()) hint = fmt::format("; it has {}", fmt::join(known_, ", "));
    out_.add(entry.pos, fmt::format("{} has no parameter '{}'{}", owner_, entry.key, hint));
  }
}

}  // namespace mito::config
