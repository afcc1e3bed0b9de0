#include "tests/support/pyramid_tiff.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include <tiffio.h>

namespace mito::test {
namespace {

using Compression = TiffLayout::Compression;

std::uint16_t tag_of(Compression compression) {
  switch (compression) {
    case Compression::Lzw:
      return COMPRESSION_LZW;
    case Compression::Deflate:
      return COMPRESSION_ADOBE_DEFLATE;
    case Compression::Jpeg:
      return COMPRESSION_JPEG;
    case Compression::None:
      break;
  }
  return COMPRESSION_NONE;
}

/// One rectangle of a picture, all colours or the plane of one; grey beyond its edge.
std::vector<std::uint8_t> cut(const tiff::Picture& picture,
                              std::int64_t left,
                              std::int64_t top,
                              std::int64_t width,
                              std::int64_t height,
                              int plane) {
  std::vector<std::uint8_t> out;
  for (std::int64_t y = top; y < top + height; ++y)
    for (std::int64_t x = left; x < left + width; ++x)
      for (std::int64_t c = 0; c < 3; ++c) {
        if (plane >= 0 && c != plane) continue;
        const bool inside = x < picture.width && y < picture.height;
        out.push_back(
            inside ? picture.rgb[static_cast<std::size_t>((y * picture.width + x) * 3 + c)] : 128);
      }
  return out;
}

void write_pixels(TIFF* tiff, const tiff::Picture& picture, const TiffLayout& layout, int plane) {
  const auto sample = static_cast<std::uint16_t>(std::max(plane, 0));
  const std::int64_t width = layout.tiled ? layout.tile : picture.width;
  for (std::int64_t top = 0; top < picture.height; top += layout.tile)
    for (std::int64_t left = 0; left < picture.width; left += width) {
      const std::int64_t height =
          layout.tiled ? layout.tile : std::min<std::int64_t>(layout.tile, picture.height - top);
      auto data = cut(picture, left, top, width, height, plane);
      const auto size = static_cast<tmsize_t>(data.size());
      const auto x = static_cast<std::uint32_t>(left);
      const auto y = static_cast<std::uint32_t>(top);
      const auto written =
          layout.tiled
              ? TIFFWriteEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, sample), data.data(),
                                     size)
              : TIFFWriteEncodedStrip(tiff, TIFFComputeStrip(tiff, y, sample), data.data(), size);
      if (written < 0) throw std::runtime_error("cannot write a tile");
    }
}

void write_image(TIFF* tiff,
                 const tiff::Picture& picture,
                 const TiffLayout& layout,
                 const std::string& description,
                 std::size_t below,
                 bool reduced) {
  TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, reduced ? FILETYPE_REDUCEDIMAGE : 0);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(picture.width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(picture.height));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, tag_of(layout.compression));
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
               layout.planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (layout.tiled) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, layout.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, layout.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, layout.tile);
  }
  if (!description.empty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, description.c_str());
  const std::vector<std::uint64_t> places(below);  // libtiff fills them in
  if (below > 0)
    TIFFSetField(tiff, TIFFTAG_SUBIFD, static_cast<std::uint16_t>(below), places.data());
  if (layout.planar) {
    for (int plane = 0; plane < 3; ++plane) write_pixels(tiff, picture, layout, plane);
  } else {
    write_pixels(tiff, picture, layout, -1);
  }
  if (TIFFWriteDirectory(tiff) == 0) throw std::runtime_error("cannot write a directory");
}

}  // namespace

void write_tiff(const std::filesystem::path& file,
                const std::vector<TiffImage>& images,
                const TiffLayout& layout) {
  TIFF* tiff = TIFFOpen(file.c_str(), layout.big ? "w8" : "w");
  if (tiff == nullptr) throw std::runtime_error("cannot write " + file.string());
  for (const auto& image : images) {
    write_image(tiff, image.picture, layout, image.description, image.below.size(), false);
    for (const auto& smaller : image.below) write_image(tiff, smaller, layout, "", 0, true);
  }
  TIFFClose(tiff);
}

}  // namespace mito::test
