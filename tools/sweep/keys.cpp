#include "tools/sweep/keys.h"

#include <algorithm>
#include <filesystem>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"

namespace mito::sweep {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_word(std::string_view text) {
  return !text.empty() && is_letter_or_digit(text[0]) && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-';
  });
}

std::string hint(std::string_view word, const std::vector<std::string>& known) {
  const auto nearest = did_you_mean(word, known);
  return nearest.empty() && !known.empty() ? fmt::format("; it has {}", fmt::join(known, ", "))
                                           : nearest;
}

bool is_in_run(const std::string& file) {
  const auto path = std::filesystem::path(file).lexically_normal();
  return !path.is_absolute() && path.begin()->string() != "..";
}

}  // namespace mito::sweep
