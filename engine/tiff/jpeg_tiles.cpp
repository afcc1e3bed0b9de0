#include "engine/tiff/jpeg_tiles.h"

#include <algorithm>
#include <fstream>
#include <span>
#include <system_error>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/tiff/handle.h"
#include "engine/tiff/jpeg_decoder.h"
#include "engine/tiff/limits.h"

namespace mito::tiff {
namespace {

/// One number per tile.
std::vector<std::uint64_t> numbers(TIFF* tiff, ttag_t tag) {
  const std::uint64_t* values = nullptr;
  if (TIFFGetField(tiff, tag, &values) == 0 || values == nullptr) return {};
  return {values, values + TIFFNumberOfTiles(tiff)};
}

std::optional<JpegTiles> jpeg_tiles(const std::filesystem::path& file, TIFF* tiff) {
  const auto colours = field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC);
  if (field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION) != COMPRESSION_JPEG ||
      (colours != PHOTOMETRIC_YCBCR && colours != PHOTOMETRIC_RGB) ||
      field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL) != 3 ||
      field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE) != 8 ||
      field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) != PLANARCONFIG_CONTIG)
    return std::nullopt;
  JpegTiles::Layout layout;
  layout.tile_width = field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH);
  layout.tile_height = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH);
  if (layout.tile_width == 0 || layout.tile_height == 0) return std::nullopt;
  check_chunk(file, true, layout.tile_width, layout.tile_height);
  const auto width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
  layout.columns = (width + layout.tile_width - 1) / layout.tile_width;
  layout.ycbcr = colours == PHOTOMETRIC_YCBCR;
  layout.offsets = numbers(tiff, TIFFTAG_TILEOFFSETS);
  layout.bytes = numbers(tiff, TIFFTAG_TILEBYTECOUNTS);
  if (layout.offsets.empty() || layout.offsets.size() != layout.bytes.size()) return std::nullopt;
  std::uint32_t count = 0;
  const std::uint8_t* tables = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_JPEGTABLES, &count, &tables) != 0 && tables != nullptr)
    layout.tables.assign(tables, tables + count);
  return JpegTiles(file, std::move(layout));
}

bool has_grey_with_alpha(TIFF* tiff) {
  std::uint16_t extras = 0;
  const std::uint16_t* kinds = nullptr;
  return field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL) == 2 &&
         TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds) != 0 && extras == 1 &&
         kinds[0] != EXTRASAMPLE_UNSPECIFIED;
}

TiledImage tiled_image(const std::filesystem::path& file, TIFF* tiff, int page) {
  TiledImage out;
  out.page = page;
  out.offset = TIFFCurrentDirOffset(tiff);
  out.width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
  out.height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH);
  out.reduced = (field<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) != 0;
  const auto bytes = numbers(tiff, TIFFTAG_TILEBYTECOUNTS);
  out.lacks_tiles = std::ranges::find(bytes, 0U) != bytes.end();
  out.grey_with_alpha = has_grey_with_alpha(tiff);
  out.jpeg = jpeg_tiles(file, tiff);
  return out;
}

}  // namespace

JpegTiles::JpegTiles(std::filesystem::path file, Layout layout)
    : file_(std::move(file)), layout_(std::move(layout)) {}

bool JpegTiles::is_missing(std::int64_t column, std::int64_t row) const {
  return layout_.bytes.at(static_cast<std::size_t>(row * layout_.columns + column)) == 0;
}

std::vector<std::uint8_t> JpegTiles::read(std::int64_t column, std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row * layout_.columns + column);
  const auto bytes = layout_.bytes.at(index);
  const auto fail = [&](const std::string& what) {
    throw DataError(fmt::format("{}: tile ({}, {}): {}", file_.string(), column, row, what));
  };
  std::ifstream in(file_, std::ios::binary | std::ios::ate);
  if (!in) fail("cannot open the file");
  const auto size = static_cast<std::uint64_t>(in.tellg());
  if (bytes > size || layout_.offsets[index] > size - bytes) fail("lies beyond the file's end");
  std::vector<std::uint8_t> data(bytes);
  in.seekg(static_cast<std::streamoff>(layout_.offsets[index]));
  in.read(reinterpret_cast<char*>(data.data()), static_cast<std::streamsize>(bytes));
  if (!in) fail("cannot be read");
  std::vector<std::uint8_t> rgb(
      static_cast<std::size_t>(layout_.tile_width * layout_.tile_height * 3));
  const auto problem = decode_jpeg(layout_.tables, data, layout_.ycbcr, layout_.tile_width,
                                   layout_.tile_height, rgb.data());
  if (!problem.empty()) fail(problem);
  return rgb;
}

std::vector<TiledImage> tiled_images(const std::filesystem::path& file) {
  std::vector<TiledImage> out;
  try {
    const Handle handle(file, "rm");  // m: no memory map, which ends the process when a file is cut
    TIFF* tiff = handle.get();
    int page = 0;
    for (bool more = true; more; more = TIFFReadDirectory(tiff) != 0) {
      ++page;
      if (TIFFIsTiled(tiff) != 0) out.push_back(tiled_image(file, tiff, page));
    }
  } catch (const DataError&) {
    return {};  // no TIFF
  }
  return out;
}

std::optional<TiledImage> tiled_image_at(const std::filesystem::path& file,
                                         std::uint64_t directory) {
  const Handle handle(file, "rm");
  TIFF* tiff = handle.get();
  if (TIFFSetSubDirectory(tiff, directory) == 0 || TIFFIsTiled(tiff) == 0) return std::nullopt;
  return tiled_image(file, tiff, 0);
}

void check_tiles(const std::filesystem::path& file) {
  std::optional<Handle> handle;
  try {
    handle.emplace(file, "rm");
  } catch (const DataError&) {
    return;  // no TIFF
  }
  std::error_code unknown;
  const auto size = std::filesystem::file_size(file, unknown);
  TIFF* tiff = handle->get();
  int page = 0;
  for (bool more = true; more; more = TIFFReadDirectory(tiff) != 0) {
    ++page;
    if (TIFFIsTiled(tiff) == 0) continue;
    check_chunk(file, true, field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH),
                field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH));
    const auto bytes = numbers(tiff, TIFFTAG_TILEBYTECOUNTS);
    if (unknown || bytes.empty() || std::ranges::max(bytes) <= size) continue;
    throw DataError(fmt::format(
        "{}: a tile of page {} has {} bytes, as it says, but the file has {}: it is damaged",
        file.string(), page, std::ranges::max(bytes), size));
  }
}

}  // namespace mito::tiff
