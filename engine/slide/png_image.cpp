#include "engine/slide/png_image.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <memory>
#include <vector>

#include <png.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::slide {
namespace {

/// libpng leaves by a long jump, over frames that must hold nothing with a destructor.
struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  char message[256] = "";
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
};

[[noreturn]] void leave(png_structp png, png_const_charp text) {
  auto* decoder = static_cast<Decoder*>(png_get_error_ptr(png));
  std::snprintf(decoder->message, sizeof(decoder->message), "%s", text);
  png_longjmp(png, 1);
}

void drop_warning(png_structp /*png*/, png_const_charp /*text*/) {}

bool read_header(Decoder& decoder, std::FILE* file) {
  decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, leave, drop_warning);
  if (decoder.png == nullptr) return false;
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  decoder.info = png_create_info_struct(decoder.png);
  png_init_io(decoder.png, file);
  png_set_user_limits(decoder.png, 0x7fffffff, 0x7fffffff);  // the caller has a limit of its own
  png_read_info(decoder.png, decoder.info);
  return true;
}

/// Everything becomes RGBA, of 8 or of 16 bits in the order of the file: high byte first.
bool read_rgba(Decoder& decoder, png_bytepp rows) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  png_read_image(decoder.png, rows);
  png_read_end(decoder.png, nullptr);
  return true;
}

bool choose_rgba(Decoder& decoder) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  png_set_expand(decoder.png);
  png_set_gray_to_rgb(decoder.png);
  png_set_add_alpha(decoder.png, 0xffff, PNG_FILLER_AFTER);
  png_set_interlace_handling(decoder.png);
  png_read_update_info(decoder.png, decoder.info);
  return true;
}

PngImage over_white(const std::vector<png_byte>& rgba,
                    std::int64_t width,
                    std::int64_t height,
                    bool wide) {
  PngImage out{{width, height, {}, {}}, std::nullopt};
  const auto pixels = static_cast<std::size_t>(width * height);
  out.picture.rgb.resize(pixels * 3);
  std::vector<std::uint8_t> scanned(pixels, 1);
  const unsigned most = wide ? 65535 : 255;
  const auto sample = [&](std::size_t i) {
    return wide ? unsigned{rgba[2 * i]} << 8U | rgba[2 * i + 1] : unsigned{rgba[i]};
  };
  int brightest = 0;
  bool all = true;
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint64_t alpha = sample(4 * i + 3);
    if (alpha == 0) {
      scanned[i] = 0;
      all = false;
    }
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint64_t value = sample(4 * i + c);
      if (alpha > 0) brightest = std::max(brightest, static_cast<int>(value));
      const std::uint64_t light = value * alpha + std::uint64_t{most} * (most - alpha);
      const std::uint64_t whole = std::uint64_t{most} * most;
      out.picture.rgb[3 * i + c] = static_cast<std::uint8_t>((light * 255 + whole / 2) / whole);
    }
  }
  if (!all) out.picture.scanned = std::move(scanned);
  if (wide) out.brightest = brightest;
  return out;
}

}  // namespace

PngImage read_png(const std::filesystem::path& file, std::int64_t max_pixels) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"),
                                                           std::fclose);
  Decoder decoder;
  const auto fail = [&](const std::string& why) {
    throw DataError(fmt::format("{}: the image is damaged or cut short: {}", file.string(), why));
  };
  if (!in) throw DataError(file.string() + ": cannot be opened");
  if (!read_header(decoder, in.get())) fail(decoder.message);
  const std::int64_t width = png_get_image_width(decoder.png, decoder.info);
  const std::int64_t height = png_get_image_height(decoder.png, decoder.info);
  if (width * height > max_pixels)
    throw DataError(fmt::format(
        "{}: {} x {} px are too many for an image that is read as a whole; convert it to tiles, "
        "for "
        "example with: vips tiffsave IMAGE OUT.tif --tile --pyramid --compression jpeg --bigtiff",
        file.string(), width, height));
  if (!choose_rgba(decoder)) fail(decoder.message);
  const auto stride = png_get_rowbytes(decoder.png, decoder.info);
  std::vector<png_byte> rgba(stride * static_cast<std::size_t>(height));
  std::vector<png_bytep> rows;
  for (std::int64_t y = 0; y < height; ++y)
    rows.push_back(rgba.data() + static_cast<std::size_t>(y) * stride);
  if (!read_rgba(decoder, rows.data())) fail(decoder.message);
  return over_white(rgba, width, height, png_get_bit_depth(decoder.png, decoder.info) == 16);
}

}  // namespace mito::slide
