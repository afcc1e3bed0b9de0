#include "engine/tiff/jpeg_decoder.h"

#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs FILE

#include <jpeglib.h>

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

}  // namespace

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
