#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mito::image {

/// A line of text: how much of each pixel its letters cover.
struct Letters {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t baseline = 0;           ///< The row that the letters stand on.
  std::vector<std::uint8_t> coverage;  ///< [height][width], 0 to 255
};

/// `text` (UTF-8, one line) in DejaVu Sans, `size_px` to the em, with `margin_px` on every side.
/// The font is part of the program: letters are the same on every machine. What it lacks is its
/// empty box. Throws DataError when FreeType fails.
Letters letters(const std::string& text, int size_px, int margin_px);

}  // namespace mito::image
