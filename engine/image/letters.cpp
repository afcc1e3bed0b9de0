#include "engine/image/letters.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <ft2build.h>

#include <freetype/freetype.h>
#include <freetype/ftoutln.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

// The linker names the ends of a file so (CMakeLists.txt).
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
extern const unsigned char _binary_DejaVuSans_ttf_start;
extern const unsigned char _binary_DejaVuSans_ttf_end;
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace mito::image {
namespace {

constexpr FT_Pos kUnits = 64;  // FreeType's lengths are in 64ths of a pixel

void check(FT_Error error, const char* what) {
  if (error != 0) throw DataError(fmt::format("FreeType: {} fails with error {}", what, error));
}

/// The font, and the library that draws it.
class Font {
 public:
  explicit Font(int size_px) {
    check(FT_Init_FreeType(&library_), "its start");
    const auto* first = &_binary_DejaVuSans_ttf_start;
    const auto error =
        FT_New_Memory_Face(library_, first, &_binary_DejaVuSans_ttf_end - first, 0, &face_);
    if (error != 0) FT_Done_FreeType(library_);
    check(error, "opening the font");
    FT_Set_Pixel_Sizes(face_, 0, static_cast<FT_UInt>(size_px));
  }
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;
  ~Font() { FT_Done_FreeType(library_); }  // and the face

  FT_UInt index_of(char32_t letter) const { return FT_Get_Char_Index(face_, letter); }
  FT_Pos kerning(FT_UInt left, FT_UInt right) const {
    FT_Vector distance{};
    check(FT_Get_Kerning(face_, left, right, FT_KERNING_UNFITTED, &distance), "kerning");
    return distance.x;
  }
  /// Draws a glyph that begins `at` behind a whole pixel. The slot's next glyph takes its place.
  const FT_GlyphSlotRec_& drawn(FT_UInt glyph, FT_Pos at) const {
    check(FT_Load_Glyph(face_, glyph, FT_LOAD_NO_HINTING), "loading a letter");
    FT_Outline_Translate(&face_->glyph->outline, at, 0);
    check(FT_Render_Glyph(face_->glyph, FT_RENDER_MODE_NORMAL), "drawing a letter");
    return *face_->glyph;
  }
  FT_Pos above() const { return face_->size->metrics.ascender / kUnits; }
  FT_Pos below() const { return -face_->size->metrics.descender / kUnits; }

 private:
  FT_Library library_ = nullptr;
  FT_Face face_ = nullptr;
};

/// Characters of UTF-8; bytes that are none stand for themselves.
std::u32string characters(std::string_view text) {
  std::u32string out;
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t letter = size == 1 ? lead : lead & (0xffU >> (size + 1));
    for (const char next : text.substr(1, size - 1))
      letter = (letter << 6U) | (static_cast<unsigned char>(next) & 0x3fU);
    out.push_back(letter);
    text.remove_prefix(std::min(size, text.size()));
  }
  return out;
}

/// Glyphs and where they begin, in FreeType's units; the last entry is the end of the line.
struct Line {
  std::vector<FT_UInt> glyphs;
  std::vector<FT_Pos> starts;
};

Line set_in(const Font& font, const std::string& text) {
  Line line;
  FT_Pos pen = 0;
  for (const char32_t letter : characters(text)) {
    const FT_UInt glyph = font.index_of(letter);
    if (!line.glyphs.empty()) pen += font.kerning(line.glyphs.back(), glyph);
    line.glyphs.push_back(glyph);
    line.starts.push_back(pen);
    pen += font.drawn(glyph, 0).linearHoriAdvance >> 10U;  // 65536ths of a pixel
  }
  line.starts.push_back(pen);
  return line;
}

void cover(Letters& out, const FT_Bitmap& glyph, FT_Pos left, FT_Pos top) {
  for (unsigned y = 0; y < glyph.rows; ++y)
    for (unsigned x = 0; x < glyph.width; ++x) {
      const auto column = left + static_cast<FT_Pos>(x);
      const auto row = top + static_cast<FT_Pos>(y);
      if (column < 0 || row < 0 || column >= out.width || row >= out.height) continue;
      auto& pixel = out.coverage[static_cast<std::size_t>(row * out.width + column)];
      const auto ink = glyph.buffer[static_cast<std::ptrdiff_t>(y) * glyph.pitch + x];
      pixel = static_cast<std::uint8_t>(std::min(255, pixel + ink));
    }
}

}  // namespace

Letters letters(const std::string& text, int size_px, int margin_px) {
  const Font font(size_px);
  const Line line = set_in(font, text);
  Letters out;
  out.width = (line.starts.back() + kUnits - 1) / kUnits + 2 * margin_px;
  out.baseline = font.above() + margin_px;
  out.height = out.baseline + font.below() + margin_px;
  out.coverage.resize(static_cast<std::size_t>(out.width * out.height));
  for (std::size_t i = 0; i < line.glyphs.size(); ++i) {
    const auto& glyph = font.drawn(line.glyphs[i], line.starts[i] % kUnits);
    cover(out, glyph.bitmap, margin_px + line.starts[i] / kUnits + glyph.bitmap_left,
          out.baseline - glyph.bitmap_top);
  }
  return out;
}

}  // namespace mito::image
