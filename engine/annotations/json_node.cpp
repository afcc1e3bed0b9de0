#include "engine/annotations/json_node.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/memory_limit.h"
#include "engine/core/text.h"

namespace mito::annotations {
namespace {

/// Walks through the text of a valid JSON document.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { blanks(); }

  std::size_t offset() const { return at_; }

  /// Goes from the start of an object or array to the start of one of its values: of a member that
  /// occurs twice the last, as the parser does.
  void enter(std::string_view step) {
    const bool is_object = here() == '{';
    std::size_t found = at_;
    ++at_;
    for (std::size_t index = 0; at_ < text_.size(); ++index) {
      blanks();
      if (here() == '}' || here() == ']') break;
      bool is_it = !is_object && std::to_string(index) == step;
      if (is_object) {
        const std::size_t key = at_;
        value();
        is_it = nlohmann::json::parse(text_.substr(key, at_ - key)) == nlohmann::json(step);
        blanks();
        ++at_;  // the colon
        blanks();
      }
      if (is_it) found = at_;
      value();
      blanks();
      if (here() == ',') ++at_;
    }
    at_ = found;
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }
  void string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    ++at_;
  }
  void value() {
    int depth = 0;
    do {
      const char c = here();
      if (c == '"') {
        string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
      if (depth == 0 && c != '}' && c != ']')  // a number or a word
        while (at_ < text_.size() &&
               std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos)
          ++at_;
    } while (depth > 0 && at_ < text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string kind_of(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::object:
      return "an object";
    case nlohmann::json::value_t::array:
      return "an array";
    case nlohmann::json::value_t::string:
      return "the text '" + value.get<std::string>() + "'";
    case nlohmann::json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    case nlohmann::json::value_t::null:
      return "null";
    default:
      return "the number " + value.dump();
  }
}

/// The text with null for each NaN, Infinity and -Infinity that stands outside quotes.
std::string without_undefined_numbers(std::string_view text) {
  std::string out;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      out += text.substr(at, 2);
      ++at;
      continue;
    }
    if (text[at] == '"') quoted = !quoted;
    std::size_t length = 0;
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity", "nan"})
      if (!quoted && text.substr(at).starts_with(word)) length = word.size();
    out += length > 0 ? std::string_view("null") : text.substr(at, 1);
    at += length > 0 ? length - 1 : 0;
  }
  return out;
}

/// What the tree of `text` takes, at least: an entry of an object is a node of a map with its key,
/// an element of a list a value in a vector.
std::uint64_t tree_bytes(std::string_view text) {
  constexpr std::uint64_t kEntry = 96;
  constexpr std::uint64_t kElement = 16;
  return static_cast<std::uint64_t>(std::ranges::count(text, ':')) * kEntry +
         static_cast<std::uint64_t>(std::ranges::count(text, ',')) * kElement;
}

}  // namespace

nlohmann::json parse_json(const Source& source) {
  require_memory(tree_bytes(source.text()), source.path().string());
  try {
    return nlohmann::json::parse(source.text());
  } catch (const nlohmann::json::parse_error& error) {
    auto tolerant = nlohmann::json::parse(without_undefined_numbers(source.text()), nullptr, false);
    if (!tolerant.is_discarded()) return tolerant;
    const std::string what = error.what();
    const auto colon = what.find(": ", what.find(", column "));
    source.fail(error.byte == 0 ? 0 : error.byte - 1,
                "is not JSON: " + (colon == std::string::npos ? what : what.substr(colon + 2)));
  } catch (const nlohmann::json::exception&) {
    throw DataError(source.path().string() +
                    ": is not JSON: a number is larger than any that is known (1.8e308)");
  }
}

std::string locate_json(const Source& source, std::string_view path) {
  Scanner scanner(source.text());
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    scanner.enter(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return source.at(scanner.offset());
}

void JsonNode::fail(const std::string& problem) const {
  throw DataError(fmt::format("{}: {}{}", locate_json(*source_, path_),
                              path_.empty() ? "" : path_ + ": ", problem));
}

void JsonNode::expected(std::string_view what) const {
  fail(fmt::format("expected {}, found {}", what, kind_of(*value_)));
}

JsonNode JsonNode::child(const nlohmann::json& value, const std::string& step) const {
  JsonNode out(*source_, value);
  out.path_ = path_.empty() ? step : path_ + '/' + step;
  return out;
}

std::optional<JsonNode> JsonNode::find(std::string_view member) const {
  if (!value_->is_object()) expected("an object");
  const auto found = value_->find(member);
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return child(*found, std::string(member));
}

JsonNode JsonNode::at(std::string_view member) const {
  if (auto found = find(member)) return *std::move(found);
  if (value_->contains(member)) child((*value_)[member], std::string(member)).expected("a value");
  std::vector<std::string> names;
  for (const auto& [name, value] : value_->items()) names.push_back(name);
  fail(fmt::format("expected a member '{}'{}", member, did_you_mean(member, names)));
}

std::vector<JsonNode> JsonNode::elements() const {
  if (!value_->is_array()) expected("an array");
  std::vector<JsonNode> out;
  for (std::size_t i = 0; i < value_->size(); ++i)
    out.push_back(child((*value_)[i], std::to_string(i)));
  return out;
}

double JsonNode::number() const {
  if (!value_->is_number()) expected("a number");
  return value_->get<double>();
}

std::optional<double> JsonNode::number_if_any() const {
  if (value_->is_number()) return number();
  return value_->is_string() ? parse_number(trimmed(text())) : std::nullopt;
}

std::int64_t JsonNode::integer() const {
  if (!value_->is_number_integer()) expected("a whole number");
  return value_->get<std::int64_t>();
}

const std::string& JsonNode::text() const {
  if (!value_->is_string()) expected("a text");
  return value_->get_ref<const std::string&>();
}

std::string JsonNode::text_or_integer() const {
  return value_->is_string() ? text() : std::to_string(integer());
}

}  // namespace mito::annotations
