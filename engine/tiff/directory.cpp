#include "engine/tiff/directory.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/tiff/brightness.h"
#include "engine/tiff/handle.h"
#include "engine/tiff/limits.h"

namespace mito::tiff {
namespace {

Directory::Samples samples_of(TIFF* tiff) {
  switch (field<std::uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT)) {
    case SAMPLEFORMAT_INT:
      return Directory::Samples::Signed;
    case SAMPLEFORMAT_IEEEFP:
      return Directory::Samples::Float;
    case SAMPLEFORMAT_COMPLEXINT:
    case SAMPLEFORMAT_COMPLEXIEEEFP:
      return Directory::Samples::Complex;
    default:
      return Directory::Samples::Unsigned;
  }
}

std::optional<Resolution> resolution_stated_by(TIFF* tiff) {
  float x = 0;
  float y = 0;
  if (TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x) == 0) return std::nullopt;
  if (TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y) == 0) y = x;
  const auto unit = field<std::uint16_t>(tiff, TIFFTAG_RESOLUTIONUNIT);
  return resolution_of(x, y,
                       unit == RESUNIT_CENTIMETER ? "centimeter"
                       : unit == RESUNIT_INCH     ? "inch"
                                                  : "");
}

Directory directory(TIFF* tiff, int page, bool below) {
  Directory out;
  out.page = page;
  out.below = below;
  out.offset = TIFFCurrentDirOffset(tiff);
  out.width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
  out.height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH);
  out.tiled = TIFFIsTiled(tiff) != 0;
  out.reduced = (field<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) != 0;
  out.bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE);
  out.samples = samples_of(tiff);
  out.compression = field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION);
  out.decodable = TIFFIsCODECConfigured(static_cast<std::uint16_t>(out.compression)) != 0;
  out.channels = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL);
  out.orientation = field<std::uint16_t>(tiff, TIFFTAG_ORIENTATION);
  const char* text = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) != 0 && text != nullptr)
    out.description = text;
  out.resolution = resolution_stated_by(tiff);
  return out;
}

std::vector<std::uint64_t> sub_images(TIFF* tiff) {
  std::uint16_t count = 0;
  const std::uint64_t* offsets = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &offsets) == 0 || offsets == nullptr) return {};
  return {offsets, offsets + count};
}

/// What is counted of the samples of a chunk, whose pixels lie `step` samples apart.
struct Part {
  std::int64_t row = 0;  ///< Pixels of a row of the chunk.
  std::int64_t width = 0;
  std::int64_t height = 0;  ///< On the picture: the rest of a tile is filling.
  std::int64_t step = 1;
  std::int64_t take = 1;
};

void count(const std::vector<std::uint16_t>& data,
           std::int64_t size,
           const Part& part,
           Brightness& out) {
  for (std::int64_t y = 0; y < part.height; ++y)
    for (std::int64_t x = 0; x < part.width; ++x) {
      const std::int64_t at = (y * part.row + x) * part.step;
      if (at + part.take > size) return;
      for (std::int64_t i = 0; i < part.take; ++i) out.add(data[static_cast<std::size_t>(at + i)]);
    }
}

}  // namespace

std::vector<Directory> directories(const std::filesystem::path& file) {
  std::vector<Directory> out;
  try {
    // m: no memory map, which ends the process when a file is cut. D: no table of tiles.
    const Handle handle(file, "rmD");
    TIFF* tiff = handle.get();
    std::vector<std::vector<std::uint64_t>> below;
    for (bool more = true; more;) {
      out.push_back(directory(tiff, static_cast<int>(below.size()) + 1, false));
      below.push_back(sub_images(tiff));
      const bool last = TIFFLastDirectory(tiff) != 0;
      more = !last && TIFFReadDirectory(tiff) != 0;
      out.back().lost_next = !last && !more;
    }
    for (std::size_t page = 0; page < below.size(); ++page)
      for (const auto offset : below[page])
        if (TIFFSetSubDirectory(tiff, offset) != 0)
          out.push_back(directory(tiff, static_cast<int>(page) + 1, true));
  } catch (const DataError&) {
    return {};  // no TIFF
  }
  std::ranges::stable_sort(out, {}, &Directory::page);
  return out;
}

std::optional<int> brightest_sample(const std::filesystem::path& file, int enough) {
  const Handle handle(file, "rm");
  TIFF* tiff = handle.get();
  const auto colours = field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC);
  if (field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE) != 16 ||
      TIFFIsCODECConfigured(field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION)) == 0 ||
      (colours != PHOTOMETRIC_RGB && colours != PHOTOMETRIC_MINISBLACK))
    return std::nullopt;
  const int channels = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL);
  const int wanted = std::min(channels, colours == PHOTOMETRIC_RGB ? 3 : 1);
  const bool together = field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG;
  const bool tiled = TIFFIsTiled(tiff) != 0;
  const auto chunks = tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  const auto bytes = tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
  // Planes lie one after another, those of the colours first.
  const auto used =
      together ? chunks
               : chunks / static_cast<std::uint32_t>(channels) * static_cast<std::uint32_t>(wanted);
  const std::int64_t width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
  const std::int64_t height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH);
  const std::int64_t across = tiled ? field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH) : width;
  const std::int64_t down =
      tiled ? field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH)
            : std::min<std::int64_t>(field<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP), height);
  if (width < 1 || height < 1 || across < 1 || down < 1) return std::nullopt;
  check_chunk(file, tiled, across, down);
  const std::int64_t columns = (width + across - 1) / across;
  const std::int64_t rows = (height + down - 1) / down;
  std::vector<std::uint16_t> data(static_cast<std::size_t>(bytes) / 2);
  Brightness found(width * height * wanted);
  for (std::uint32_t i = 0; i < used && found.brightest() < enough; ++i) {
    if (TIFFGetStrileByteCount(tiff, i) == 0) continue;  // missing
    const auto read = tiled ? TIFFReadEncodedTile(tiff, i, data.data(), bytes)
                            : TIFFReadEncodedStrip(tiff, i, data.data(), bytes);
    if (read < 0) handle.fail("decoding it");
    const std::int64_t place = i % (columns * rows);  // in its plane
    count(data, read / 2,
          {across, std::min(across, width - place % columns * across),
           std::min(down, height - place / columns * down), together ? channels : 1,
           together ? wanted : 1},
          found);
  }
  return found.brightest();
}

}  // namespace mito::tiff
