#include "engine/core/error.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/memory_limit.h"

namespace mito {
namespace {

constexpr std::size_t kShown = 50;

/// What one exception says: of a file system's error the path and the reason, of memory that ran
/// out how much there was.
std::string own_words(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    constexpr double kGib = 1ULL << 30U;
    return fmt::format(
        "memory ran out: this process has {:.1f} GiB of the {:.1f} GiB that it may have; give it "
        "more, or fewer threads (-j)",
        static_cast<double>(memory_in_use()) / kGib, static_cast<double>(memory_limit()) / kGib);
  }
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
  auto& here = found_[{pos.file, pos.line, pos.column}];
  std::string line = fmt::format("{}: error: {}", to_string(pos), message);
  if (std::ranges::find(here, line) == here.end()) here.push_back(std::move(line));
}

std::vector<std::string> Diagnostics::lines() const {
  std::vector<std::string> all;
  for (const auto& [place, here] : found_) all.insert(all.end(), here.begin(), here.end());
  return all;
}

void Diagnostics::throw_if_any() const {
  if (!empty()) throw ConfigError(first_mistakes(lines()));
}

std::string first_mistakes(std::span<const std::string> lines) {
  const auto shown = std::min(lines.size(), kShown);
  std::string text = fmt::format("{}", fmt::join(lines.first(shown), "\n"));
  if (shown < lines.size())
    text += fmt::format("\nand {} more; all {} are mistakes", lines.size() - shown, lines.size());
  return text;
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
