#include "tools/sweep/keys.h"

#include <algorithm>
#include <filesystem>

namespace mito::sweep {

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
