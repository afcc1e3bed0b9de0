#include "engine/tiff/jpeg_decoder.h"

#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs FILE
#include <vector>

#include <jpeglib.h>
// after jpeglib.h
#include <jerror.h>

namespace mito::tiff {
namespace {

/// A decoder and the way out of it: libjpeg leaves by a long jump, over frames that must hold
/// nothing with a destructor.
struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf way_out{};
  char message[JMSG_LENGTH_MAX] = "";
};

[[noreturn]] void leave(j_common_ptr info) {
  auto* decoder = static_cast<Decoder*>(info->client_data);
  info->err->format_message(info, decoder->message);
  std::longjmp(decoder->way_out, 1);
}

/// Below 0: a warning, after which the pixels are a guess.
void leave_at_warning(j_common_ptr info, int level) {
  if (level < 0) leave(info);
}

/// Headers may say what no pixel depends on.
void leave_at_damage(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level < 0 && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM && code != JWRN_BOGUS_ICC)
    leave(info);
}

bool read_all(Decoder& decoder,
              std::span<const std::uint8_t> tables,
              std::span<const std::uint8_t> data,
              bool ycbcr,
              std::int64_t width,
              std::int64_t height,
              std::uint8_t* rgb) {
  auto& info = decoder.info;
  if (setjmp(decoder.way_out) != 0) return false;
  jpeg_create_decompress(&info);
  if (!tables.empty()) {
    jpeg_mem_src(&info, tables.data(), tables.size());
    jpeg_read_header(&info, FALSE);
  }
  jpeg_mem_src(&info, data.data(), data.size());
  jpeg_read_header(&info, TRUE);
  if (info.image_width != width || info.image_height != height || info.num_components != 3) {
    std::snprintf(decoder.message, sizeof(decoder.message), "%u x %u px with %d channels",
                  info.image_width, info.image_height, info.num_components);
    return false;
  }
  info.jpeg_color_space = ycbcr ? JCS_YCbCr : JCS_RGB;
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = rgb + static_cast<std::int64_t>(info.output_scanline) * width * 3;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

/// The header, and what the pixels are to become.
bool begin_image(Decoder& decoder, std::span<const std::uint8_t> data, std::int64_t max_pixels) {
  auto& info = decoder.info;
  if (setjmp(decoder.way_out) != 0) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, data.data(), data.size());
  jpeg_read_header(&info, TRUE);
  if (std::int64_t{info.image_width} * std::int64_t{info.image_height} > max_pixels) {
    std::snprintf(decoder.message, sizeof(decoder.message), "%u x %u px are too many",
                  info.image_width, info.image_height);
    return false;
  }
  const bool four = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = four ? JCS_CMYK : JCS_RGB;
  return true;
}

/// `pixels` holds output_components samples for each pixel.
bool read_image(Decoder& decoder, std::uint8_t* pixels) {
  auto& info = decoder.info;
  if (setjmp(decoder.way_out) != 0) return false;
  jpeg_start_decompress(&info);
  const std::int64_t stride = std::int64_t{info.output_width} * info.output_components;
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels + static_cast<std::int64_t>(info.output_scanline) * stride;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

/// Inks to light. Adobe's programs, which all others follow, store how little ink there is.
std::vector<std::uint8_t> from_inks(const std::vector<std::uint8_t>& inks, bool inverted) {
  std::vector<std::uint8_t> rgb(inks.size() / 4 * 3);
  for (std::size_t i = 0; i < rgb.size() / 3; ++i) {
    const auto light = [&](std::size_t c) {
      return inverted ? unsigned{inks[i * 4 + c]} : 255U - inks[i * 4 + c];
    };
    for (std::size_t c = 0; c < 3; ++c)
      rgb[i * 3 + c] = static_cast<std::uint8_t>((light(c) * light(3) + 127) / 255);
  }
  return rgb;
}

}  // namespace

std::string decode_jpeg_image(std::span<const std::uint8_t> data,
                              std::int64_t max_pixels,
                              Picture& out) {
  Decoder decoder;
  decoder.info.err = jpeg_std_error(&decoder.errors);
  decoder.info.client_data = &decoder;
  decoder.errors.error_exit = leave;
  decoder.errors.emit_message = leave_at_damage;
  bool good = begin_image(decoder, data, max_pixels);
  if (good) {
    out.width = decoder.info.image_width;
    out.height = decoder.info.image_height;
    const bool inks = decoder.info.out_color_space == JCS_CMYK;
    out.rgb.resize(static_cast<std::size_t>(out.width * out.height * (inks ? 4 : 3)));
    good = read_image(decoder, out.rgb.data());
    if (good && inks) out.rgb = from_inks(out.rgb, decoder.info.saw_Adobe_marker != FALSE);
  }
  jpeg_destroy_decompress(&decoder.info);
  return good ? "" : decoder.message;
}

std::string decode_jpeg(std::span<const std::uint8_t> tables,
                        std::span<const std::uint8_t> data,
                        bool ycbcr,
                        std::int64_t width,
                        std::int64_t height,
                        std::uint8_t* rgb) {
  Decoder decoder;
  decoder.info.err = jpeg_std_error(&decoder.errors);
  decoder.info.client_data = &decoder;
  decoder.errors.error_exit = leave;
  decoder.errors.emit_message = leave_at_warning;
  const bool good = read_all(decoder, tables, data, ycbcr, width, height, rgb);
  jpeg_destroy_decompress(&decoder.info);
  return good ? "" : decoder.message;
}

}  // namespace mito::tiff
