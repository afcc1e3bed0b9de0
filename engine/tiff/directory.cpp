#include "engine/tiff/directory.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/tiff/handle.h"

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
  out.width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
  out.height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH);
  out.tiled = TIFFIsTiled(tiff) != 0;
  out.reduced = (field<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) != 0;
  out.bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE);
  out.samples = samples_of(tiff);
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

/// The largest of the colour samples in `data`: every `step`-th from `first` on, `take` at a time.
int largest(const std::vector<std::uint16_t>& data, std::size_t size, int step, int take) {
  int best = 0;
  for (std::size_t at = 0; at + static_cast<std::size_t>(take) <= size;
       at += static_cast<std::size_t>(step))
    for (int i = 0; i < take; ++i)
      best = std::max(best, int{data[at + static_cast<std::size_t>(i)]});
  return best;
}

}  // namespace

std::vector<Directory> directories(const std::filesystem::path& file) {
  std::vector<Directory> out;
  try {
    // m: no memory map, which ends the process when a file is cut. D: no table of tiles.
    const Handle handle(file, "rmD");
    TIFF* tiff = handle.get();
    std::vector<std::vector<std::uint64_t>> below;
    for (bool more = true; more; more = TIFFReadDirectory(tiff) != 0) {
      out.push_back(directory(tiff, static_cast<int>(below.size()) + 1, false));
      below.push_back(sub_images(tiff));
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
  std::vector<std::uint16_t> data(static_cast<std::size_t>(bytes) / 2);
  int best = 0;
  for (std::uint32_t i = 0; i < used && best < enough; ++i) {
    if (TIFFGetStrileByteCount(tiff, i) == 0) continue;  // missing
    const auto read = tiled ? TIFFReadEncodedTile(tiff, i, data.data(), bytes)
                            : TIFFReadEncodedStrip(tiff, i, data.data(), bytes);
    if (read < 0) handle.fail("decoding it");
    best = std::max(best, largest(data, static_cast<std::size_t>(read) / 2, together ? channels : 1,
                                  together ? wanted : 1));
  }
  return best;
}

}  // namespace mito::tiff
