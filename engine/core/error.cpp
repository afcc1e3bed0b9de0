#include "engine/core/error.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include <spdlog/fmt/fmt.h>

namespace mito {
namespace {

/// What one exception says: of a file system's error the path and the reason.
std::string own_words(const std::exception& error) {
  const auto* files = dynamic_cast<const std::filesystem::filesystem_error*>(&error);
  if (files == nullptr) return error.what();
  const std::string& path = files->path1().native();
  return path.empty() ? files->code().message()
                      : fmt::format("{}: {}", path, files->code().message());
}

}  // namespace

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
  std::string text = own_words(error);
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& inner) {
    text += ": " + explain(inner);
  }
  return text;
}

}  // namespace mito
