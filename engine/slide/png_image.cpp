#include "engine/slide/png_image.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <memory>
#include <vector>

#include <png.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/tiff/brightness.h"

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

/// Everything becomes RGBA, of 8 or of 16 bits in the order of the file: high byte first. `passes`:
/// 1, or how often an interlaced picture has to be gone through.
bool choose_rgba(Decoder& decoder, int& passes) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  png_set_expand(decoder.png);
  png_set_gray_to_rgb(decoder.png);
  png_set_add_alpha(decoder.png, 0xffff, PNG_FILLER_AFTER);
  passes = png_set_interlace_handling(decoder.png);
  png_read_update_info(decoder.png, decoder.info);
  return true;
}

bool read_rows(Decoder& decoder, png_bytepp rows, std::uint32_t count, int passes) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  for (int i = 0; i < passes; ++i) png_read_rows(decoder.png, rows, nullptr, count);
  return true;
}

bool read_end(Decoder& decoder) {
  if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
  png_read_end(decoder.png, nullptr);
  return true;
}

/// Puts `pixels` of RGBA over white into the picture, from pixel `from` on. What is not transparent
/// of 16 bits is counted.
void over_white(const std::vector<png_byte>& rgba,
                std::size_t pixels,
                bool wide,
                std::size_t from,
                tiff::Picture& out,
                tiff::Brightness& brightness) {
  const std::uint64_t most = wide ? 65535 : 255;
  const auto sample = [&](std::size_t i) {
    return wide ? std::uint64_t{rgba[2 * i]} << 8U | rgba[2 * i + 1] : std::uint64_t{rgba[i]};
  };
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint64_t alpha = sample(4 * i + 3);
    out.scanned[from + i] = alpha > 0 ? 1 : 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint64_t value = sample(4 * i + c);
      if (wide && alpha > 0) brightness.add(static_cast<std::uint16_t>(value));
      const std::uint64_t light = value * alpha + most * (most - alpha);
      out.rgb[3 * (from + i) + c] =
          static_cast<std::uint8_t>((light * 255 + most * most / 2) / (most * most));
    }
  }
}

/// The rows of the picture, some at a time, unless it is interlaced. False: see the message.
bool read_picture(Decoder& decoder, int passes, PngImage& out) {
  constexpr std::int64_t kRows = 64;
  auto& picture = out.picture;
  const std::int64_t band = passes > 1 ? picture.height : std::min(kRows, picture.height);
  const auto stride = png_get_rowbytes(decoder.png, decoder.info);
  const bool wide = png_get_bit_depth(decoder.png, decoder.info) == 16;
  std::vector<png_byte> rgba(stride * static_cast<std::size_t>(band));
  std::vector<png_bytep> rows;
  for (std::int64_t y = 0; y < band; ++y)
    rows.push_back(rgba.data() + static_cast<std::size_t>(y) * stride);
  tiff::Brightness brightness(picture.width * picture.height * 3);
  for (std::int64_t y = 0; y < picture.height; y += band) {
    const std::int64_t count = std::min(band, picture.height - y);
    if (!read_rows(decoder, rows.data(), static_cast<std::uint32_t>(count), passes)) return false;
    over_white(rgba, static_cast<std::size_t>(count * picture.width), wide,
               static_cast<std::size_t>(y * picture.width), picture, brightness);
  }
  if (wide) out.brightest = brightness.brightest();
  return read_end(decoder);
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
  int passes = 1;
  if (!choose_rgba(decoder, passes)) fail(decoder.message);
  PngImage out;
  out.picture.width = width;
  out.picture.height = height;
  out.picture.rgb.resize(static_cast<std::size_t>(width * height * 3));
  out.picture.scanned.resize(static_cast<std::size_t>(width * height));
  if (!read_picture(decoder, passes, out)) fail(decoder.message);
  if (std::ranges::find(out.picture.scanned, 0) == out.picture.scanned.end())
    out.picture.scanned = {};
  return out;
}

}  // namespace mito::slide
