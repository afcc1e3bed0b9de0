#include "engine/core/error.h"

#include <algorithm>
#include <tuple>

#include <spdlog/fmt/fmt.h>

namespace mito {

std::string to_string(const SourcePos& pos) {
  if (pos.line <= 0) return pos.file;
  return fmt::format("{}:{}:{}", pos.file, pos.line, pos.column);
}

void Diagnostics::add(const SourcePos& pos, const std::string& message) {
  entries_.push_back({pos, fmt::format("{}: error: {}", to_string(pos), message)});
  std::ranges::stable_sort(
      entries_, {}, [](const Entry& e) { return std::tie(e.pos.file, e.pos.line, e.pos.column); });
  lines_.clear();
  for (const auto& entry : entries_) {
    if (std::ranges::find(lines_, entry.line) == lines_.end()) lines_.push_back(entry.line);
  }
}

void Diagnostics::throw_if_any() const {
  if (!lines_.empty()) throw ConfigError(fmt::format("{}", fmt::join(lines_, "\n")));
}

std::string explain(const std::exception& error) {
  std::string text = error.what();
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& inner) {
    text += ": " + explain(inner);
  }
  return text;
}

}  // namespace mito
