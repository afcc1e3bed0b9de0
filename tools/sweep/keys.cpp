#include "tools/sweep/keys.h"

#include <algorithm>
#include <filesystem>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"

namespace mito::sweep {

void check_keys(const config::Value& map,
                const std::vector<std::string>& known,
                std::string_view owner,
                Diagnostics& out) {
  for (const auto& entry : map.entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    std::string hint = did_you_mean(entry.key, known);
    if (hint.empty()) hint = fmt::format("; known are {}", fmt::join(known, ", "));
    out.add(entry.pos, fmt::format("{}: unknown key '{}'{}", owner, entry.key, hint));
  }
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_word(std::string_view text) {
  return !text.empty() && is_letter_or_digit(text[0]) && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-';
  });
}

bool is_in_run(const std::string& file) {
  const auto path = std::filesystem::path(file).lexically_normal();
  return !path.is_absolute() && path.begin()->string() != "..";
}

}  // namespace mito::sweep
