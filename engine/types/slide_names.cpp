#include "engine/types/slide_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <tuple>

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "engine/core/text.h"

namespace mito {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The bytes that utf8_text() has written as `\xE9`.
std::string unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    unsigned byte = 0;
    const bool is_escape = text.size() >= 4 && text.starts_with("\\x") &&
                           std::from_chars(&text[2], &text[2] + 2, byte, 16).ptr == &text[2] + 2;
    const bool is_one = is_escape && byte >= 0x80;
    out += is_one ? static_cast<char>(byte) : text.front();
    text.remove_prefix(is_one ? 4 : 1);
  }
  return out;
}

/// One spelling for equal letters; bytes that are not UTF-8 are taken for Latin-1.
std::string composed(std::string_view text) {
  const std::string bytes = unescaped(text);
  std::string utf8 = is_utf8(bytes) ? bytes : utf8_from_latin1(bytes);
  UErrorCode status = U_ZERO_ERROR;
  const auto* rules = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status) != 0) return utf8;
  std::string out;
  rules->normalize(icu::UnicodeString::fromUTF8(utf8), status).toUTF8String(out);
  return U_FAILURE(status) != 0 ? utf8 : out;
}

/// Blanks around a name are none of its letters, that of 160 (no-break space) among them.
std::string without_outer_blanks(std::string text) {
  constexpr std::string_view kNoBreak = "\xC2\xA0";
  while (text.starts_with(' ') || text.starts_with('\t') || text.starts_with(kNoBreak))
    text.erase(0, text.starts_with(kNoBreak) ? kNoBreak.size() : 1);
  while (text.ends_with(' ') || text.ends_with('\t') || text.ends_with(kNoBreak))
    text.erase(text.size() - (text.ends_with(kNoBreak) ? kNoBreak.size() : 1));
  return text;
}

std::string case_folded(const std::string& text) {
  std::string out;
  icu::UnicodeString::fromUTF8(text).foldCase().toUTF8String(out);
  return out;
}

/// A name in its parts: folders, and the file with less and less of its extension.
struct Written {
  std::vector<std::string> folders;  ///< In lower case, from the outermost.
  std::vector<std::string> files;    ///< "a.ome.tif", "a.ome", "a".
};

Written parts_of(std::string_view name) {
  std::string text = without_outer_blanks(composed(name));
  std::ranges::replace(text, '\\', '/');
  Written out;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    const std::string part = text.substr(at, end - at);
    if (!part.empty() && part != ".") out.folders.push_back(part);
    at = end + 1;
  }
  if (out.folders.empty()) return out;
  out.files.push_back(out.folders.back());
  out.folders.pop_back();
  for (auto& folder : out.folders) folder = case_folded(folder);
  while (true) {
    const std::string& last = out.files.back();
    const bool is_packed = last.size() > 3 && lower(last).ends_with(".gz");
    const bool is_ome = out.files.size() > 1 && last.size() > 4 && lower(last).ends_with(".ome");
    std::string shorter = is_packed ? last.substr(0, last.size() - 3)
                          : is_ome  ? last.substr(0, last.size() - 4)
                                    : without_image_extension(last);
    if (shorter == last) return out;
    out.files.push_back(std::move(shorter));
  }
}

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The slide's path, in the parts of a name.
Written parts_of_slide(const std::filesystem::path& file) {
  Written out = parts_of(std::filesystem::absolute(file).lexically_normal().string());
  // Whatever the extension, the name without it is the slide's name.
  const std::string stem = without_outer_blanks(composed(file.stem().string()));
  if (std::ranges::find(out.files, stem) == out.files.end())
    out.files.insert(out.files.begin() + 1, stem);
  return out;
}

/// How well a name fits a slide; less is better.
struct Fit {
  bool elsewhere = false;   ///< Its folders are not all the slide's.
  int not_in_folders = 0;   ///< Minus the folders that are, from the innermost.
  bool extension = false;   ///< Differs in the extension.
  bool upper_case = false;  ///< Differs in upper and lower case.
  bool operator==(const Fit&) const = default;
  bool operator<(const Fit& o) const {
    return std::tie(elsewhere, not_in_folders, extension, upper_case) <
           std::tie(o.elsewhere, o.not_in_folders, o.extension, o.upper_case);
  }
  bool is_loose() const { return elsewhere || extension || upper_case; }
};

std::optional<Fit> fit_of(const Written& name, const Written& slide) {
  if (name.files.empty()) return std::nullopt;
  const auto is_among = [](const std::string& one, const std::vector<std::string>& many) {
    return std::ranges::find(many, one) != many.end();
  };
  const auto folded = [](std::vector<std::string> files) {
    for (auto& file : files) file = case_folded(file);
    return files;
  };
  const auto name_folded = folded(name.files);
  const auto slide_folded = folded(slide.files);
  Fit fit;
  if (!is_among(name.files.front(), slide.files)) {
    fit.extension = !is_among(name_folded.front(), slide_folded);
    if (fit.extension && name_folded.back() != slide_folded.back()) return std::nullopt;
    fit.upper_case = !fit.extension || name.files.back() != slide.files.back();
  }
  const auto [a, b] = std::mismatch(name.folders.rbegin(), name.folders.rend(),
                                    slide.folders.rbegin(), slide.folders.rend());
  fit.elsewhere = a != name.folders.rend();
  fit.not_in_folders = -static_cast<int>(a - name.folders.rbegin());
  if (fit.elsewhere && fit.not_in_folders == 0 && is_number(name.files.back())) return std::nullopt;
  return fit;
}

}  // namespace

std::string without_image_extension(std::string_view name) {
  static constexpr std::array<std::string_view, 18> kExtensions{
      ".tif", ".tiff",    ".svs", ".ndpi", ".mrxs", ".scn", ".vms", ".vmu", ".dcm",
      ".bif", ".svslide", ".png", ".jpg",  ".jpeg", ".bmp", ".jp2", ".czi", ".ndpis"};
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::string(name);
  const std::string extension = lower(std::string(name.substr(dot)));
  const bool known = std::ranges::find(kExtensions, extension) != kExtensions.end();
  return std::string(known ? name.substr(0, dot) : name);
}

std::vector<std::size_t> names_of_slide(std::span<const std::string> names,
                                        const std::filesystem::path& slide_file) {
  const Written slide = parts_of_slide(slide_file);
  std::vector<std::size_t> best;
  std::set<std::string> spellings;
  std::optional<Fit> best_fit;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto fit = fit_of(parts_of(names[i]), slide);
    if (!fit || (best_fit && *best_fit < *fit)) continue;
    if (!best_fit || *fit < *best_fit) {
      best_fit = fit;
      best.clear();
      spellings.clear();
    }
    best.push_back(i);
    spellings.insert(composed(names[i]));
  }
  if (best_fit && best_fit->is_loose() && spellings.size() > 1) return {};
  return best;
}

bool names_slide(std::string_view named, const std::filesystem::path& slide_file) {
  const std::array<std::string, 1> names{std::string(named)};
  return !names_of_slide(names, slide_file).empty();
}

}  // namespace mito
