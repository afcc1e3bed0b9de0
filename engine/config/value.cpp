#include "engine/config/value.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>
#include <yaml-cpp/yaml.h>

namespace mito::config {
namespace {

constexpr int kMaxDepth = 64;

SourcePos pos_of(const std::string& file, const YAML::Mark& mark, const SourcePos& parent) {
  if (mark.line < 0) return parent;
  return {file, mark.line + 1, mark.column + 1};
}

Value convert(const YAML::Node& node,
              const std::string& file,
              const SourcePos& parent,
              int depth,
              Diagnostics& out) {
  Value value;
  value.pos = pos_of(file, node.Mark(), parent);
  if (depth > kMaxDepth) {
    out.add(value.pos, fmt::format("nested deeper than {} levels", kMaxDepth));
    return value;
  }
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      value.kind = Value::Kind::Scalar;
      value.scalar = node.Scalar();
      value.quoted = node.Tag() == "!";
      break;
    case YAML::NodeType::Sequence:
      value.kind = Value::Kind::List;
      for (const auto& item : node)
        value.items.push_back(convert(item, file, value.pos, depth + 1, out));
      break;
    case YAML::NodeType::Map:
      value.kind = Value::Kind::Map;
      for (const auto& pair : node) {
        const SourcePos where = pos_of(file, pair.first.Mark(), value.pos);
        if (!pair.first.IsScalar()) {
          out.add(where, "a key must be plain text");
          continue;
        }
        const std::string key = pair.first.Scalar();
        if (const auto* earlier = value.entry(key); earlier != nullptr) {
          out.add(where, fmt::format("duplicate key '{}'; first given at line {}", key,
                                     earlier->pos.line));
          continue;
        }
        value.entries.push_back({key, where, convert(pair.second, file, where, depth + 1, out)});
      }
      break;
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      break;
  }
  return value;
}

Value parse(const std::string& text, const std::string& file, Diagnostics& out) {
  try {
    return convert(YAML::Load(text), file, {file, 1, 1}, 0, out);
  } catch (const YAML::Exception& e) {
    out.add(pos_of(file, e.mark, {file, 1, 1}), e.msg);
    return {};
  }
}

}  // namespace

const Value::Entry* Value::entry(std::string_view key) const {
  const auto it = std::ranges::find(entries, key, &Entry::key);
  return it == entries.end() ? nullptr : &*it;
}

const Value* Value::find(std::string_view key) const {
  const auto* found = entry(key);
  return found == nullptr ? nullptr : &found->value;
}

std::vector<std::string> Value::keys() const {
  std::vector<std::string> out;
  for (const auto& e : entries) out.push_back(e.key);
  return out;
}

std::string Value::kind_name() const {
  switch (kind) {
    case Kind::Null:
      return "nothing";
    case Kind::Scalar:
      return fmt::format("'{}'", scalar);
    case Kind::List:
      return "a list";
    case Kind::Map:
      return "a map";
  }
  return "?";
}

Value Value::text(std::string scalar, SourcePos pos) {
  Value value;
  value.kind = Kind::Scalar;
  value.scalar = std::move(scalar);
  value.pos = std::move(pos);
  return value;
}

Value parse_yaml(const std::string& text, const std::string& file, Diagnostics& out) {
  return parse(text, file, out);
}

Value parse_override(const std::string& text, const std::string& where, Diagnostics& out) {
  // A path may hold YAML's special characters; only lists, maps and quoted text are YAML here.
  if (text.empty() || (text[0] != '[' && text[0] != '{' && text[0] != '"' && text[0] != '\'')) {
    if (text == "null" || text == "~") return {Value::Kind::Null, {where, 0, 0}, {}, {}, {}, {}};
    return Value::text(text, {where, 0, 0});
  }
  Value value = parse(text, where, out);
  return value;
}

}  // namespace mito::config
