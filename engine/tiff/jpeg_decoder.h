#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "engine/tiff/picture.h"

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

/// Decodes the JPEG file `data`, grey, RGB, YCbCr, CMYK or YCCK, as it lies in the file: an Exif
/// orientation is not looked at, nor what follows the end of the picture. Returns the decoder's
/// words when it fails or had to make pixels up; empty when all is well. Sizes beyond `max_pixels`
/// fail.
std::string decode_jpeg_image(std::span<const std::uint8_t> data,
                              std::int64_t max_pixels,
                              Picture& out);

}  // namespace mito::tiff
