#include "engine/config/value.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include <spdlog/fmt/fmt.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace mito::config {
namespace {

constexpr int kMaxDepth = 64;
constexpr int kMaxValues = 100'000;
constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;  // of all values, repeated by aliases

SourcePos pos_of(const std::string& file, const YAML::Mark& mark, const SourcePos& parent) {
  if (mark.line < 0) return parent;
  return {file, mark.line + 1, mark.column + 1};
}

/// Copies one document. Aliases are copied where they stand, so a few lines can stand for any
/// number of values, or for what they are part of.
class Copier {
 public:
  Copier(const std::string& file, Diagnostics& out) : file_(file), out_(out) {}

  Value copy(const YAML::Node& node, const SourcePos& parent, int depth = 0) {
    Value value;
    value.pos = pos_of(file_, node.Mark(), parent);
    if (is_full_) return value;
    if (std::ranges::any_of(around_, [&](const YAML::Node& one) { return one.is(node); }))
      return refuse(value, "an alias (*name) stands inside its own anchor (&name): without end");
    if (depth > kMaxDepth)
      return refuse(value, fmt::format("nested deeper than {} levels", kMaxDepth));
    if (++count_ > kMaxValues)
      return refuse(value, fmt::format("more than {} values; do aliases (*name) repeat aliases?",
                                       kMaxValues));
    around_.push_back(node);
    copy_content(node, depth, value);
    around_.pop_back();
    return value;
  }

 private:
  Value refuse(Value& value, const std::string& problem) {
    is_full_ = true;
    out_.add(value.pos, problem);
    return value;
  }

  void copy_content(const YAML::Node& node, int depth, Value& value) {
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        value.kind = Value::Kind::Scalar;
        text_bytes_ += node.Scalar().size();
        if (text_bytes_ > kMaxTextBytes) {
          refuse(value, fmt::format("more than {} MiB of text; do aliases (*name) repeat it?",
                                    kMaxTextBytes >> 20U));
          break;
        }
        value.scalar = node.Scalar();
        value.quoted = node.Tag() == "!";
        break;
      case YAML::NodeType::Sequence:
        value.kind = Value::Kind::List;
        for (const auto& item : node) value.items.push_back(copy(item, value.pos, depth + 1));
        break;
      case YAML::NodeType::Map:
        value.kind = Value::Kind::Map;
        for (const auto& pair : node) add_entry(value, pair.first, pair.second, depth);
        break;
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        break;
    }
  }
  void add_entry(Value& map, const YAML::Node& name, const YAML::Node& value, int depth) {
    const SourcePos where = pos_of(file_, name.Mark(), map.pos);
    if (!name.IsScalar()) {
      out_.add(where, "a key must be plain text");
      return;
    }
    const std::string& key = name.Scalar();
    if (const auto* earlier = map.entry(key); earlier != nullptr) {
      out_.add(where,
               fmt::format("duplicate key '{}'; first given at line {}", key, earlier->pos.line));
      return;
    }
    map.entries.push_back({key, where, copy(value, where, depth + 1)});
  }

  const std::string& file_;
  Diagnostics& out_;
  std::vector<YAML::Node> around_;  // what is being copied, from the outside in
  int count_ = 0;
  std::size_t text_bytes_ = 0;
  bool is_full_ = false;
};

/// The last line from `first` to `last` (from 0) that starts a document with `---`.
std::optional<int> document_start(const std::string& text, int first, int last) {
  std::optional<int> found;
  std::istringstream in(text);
  std::string line;
  for (int number = 0; number <= last && std::getline(in, line); ++number)
    if (number >= first && line.starts_with("---")) found = number;
  return found;
}

/// Where a document begins.
struct Start {
  YAML::Mark document;  ///< Of its `---`, else of its value.
  YAML::Mark value;
  bool is_empty = true;
};

/// Takes from a document nothing but where it begins.
class StartOnly : public YAML::EventHandler {
 public:
  const Start& start() const { return start_; }

  void OnDocumentStart(const YAML::Mark& mark) override { start_ = {mark, mark, true}; }
  void OnDocumentEnd() override { is_inside_ = false; }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { begin(mark, true); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { begin(mark); }
  void OnScalar(const YAML::Mark& mark,
                const std::string& /*tag*/,
                YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {
    begin(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    begin(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark,
                  const std::string& /*tag*/,
                  YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    begin(mark);
  }
  void OnMapEnd() override {}

 private:
  void begin(const YAML::Mark& mark, bool is_empty = false) {
    if (is_inside_) return;
    is_inside_ = true;
    start_.value = mark;
    start_.is_empty = is_empty;
  }

  Start start_;
  bool is_inside_ = false;
};

/// Reports what follows the first document; nobody would read it. An empty document says nothing.
/// At a `,` or `:` behind the end the library finds empty documents without end.
void refuse_more(const std::string& text, const std::string& file, Diagnostics& out) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  StartOnly reader;
  if (!parser.HandleNextDocument(reader)) return;
  const Start first = reader.start();
  int at = first.document.pos;
  while (parser.HandleNextDocument(reader)) {
    const Start& next = reader.start();
    const bool is_stuck = next.document.pos == at;
    at = next.document.pos;
    if (next.is_empty && !is_stuck) continue;
    const auto start =
        document_start(text, first.is_empty ? 0 : first.value.line + 1, next.value.line);
    if (start && !is_stuck) {
      out.add({file, *start + 1, 1},
              "a further YAML document begins here, which would be ignored: expected one");
    } else {
      out.add(pos_of(file, next.value, {file, 1, 1}),
              "text behind the end of the value, which would be ignored: expected nothing more");
    }
    return;
  }
}

Value parse(const std::string& text, const std::string& file, Diagnostics& out) {
  const SourcePos start{file, 1, 1};
  try {
    refuse_more(text, file, out);
    return Copier(file, out).copy(YAML::Load(text), start);
  } catch (const YAML::Exception& e) {
    out.add(pos_of(file, e.mark, start), e.msg);
    return {};
  }
}

/// A path may hold YAML's special characters; only lists, maps and quoted text are YAML on a
/// command line, also behind an anchor.
bool is_yaml(const std::string& text) {
  std::size_t at = 0;
  if (text.starts_with('&')) at = text.find_first_not_of(' ', text.find(' '));
  return at < text.size() && std::string_view("[{\"'").find(text[at]) != std::string_view::npos;
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
  if (!is_yaml(text)) {
    if (text == "null" || text == "~") return {Value::Kind::Null, {where, 0, 0}, {}, {}, {}, {}};
    return Value::text(text, {where, 0, 0});
  }
  Value value = parse(text, where, out);
  return value;
}

}  // namespace mito::config
