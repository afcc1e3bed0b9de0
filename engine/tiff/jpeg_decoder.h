#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace mito::tiff {

/// Decodes the JPEG stream `data` of three channels into `rgb` [height][width][3]. `tables`, a
/// stream too, holds the tables that `data` leaves out; may be empty. Returns the decoder's words
/// when it fails or warns, or when the picture has another size; empty when all is well.
std::string decode_jpeg(std::span<const std::uint8_t> tables,
                        std::span<const std::uint8_t> data,
                        bool ycbcr,
                        std::int64_t width,
                        std::int64_t height,
                        std::uint8_t* rgb);

}  // namespace mito::tiff
