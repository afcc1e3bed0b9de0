#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "engine/core/error.h"
#include "engine/tiff/jpeg_tiles.h"
#include "engine/types/geometry.h"

namespace mito::slide {

/// One image of a TIFF, read tile by tile (or strip by strip). The tiles used last are kept, in one
/// cache for the process, since neighbouring regions share those on their border. May be read from
/// several threads at once.
class TiffTiles {
 public:
  /// An image of JPEG tiles, decoded one by one. A damaged tile throws, however slight the damage.
  TiffTiles(std::filesystem::path file, tiff::JpegTiles jpeg);
  /// The image whose directory lies at this place of the file (tiff::Directory::offset), by
  /// libtiff.
  TiffTiles(std::filesystem::path file, std::uint64_t directory);

  /// RGB of `area`, which must lie in the image, into `rgb` ([height][width][3]); where it is
  /// transparent or lacks tiles it is white. Into `scanned` ([height][width]), unless it is null, 0
  /// there, else 1. Throws DataError naming file and tile.
  void read(const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const;

 private:
  void read_jpeg(const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const;
  void read_chunks(const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const;

  std::filesystem::path file_;
  std::optional<tiff::JpegTiles> jpeg_;
  std::uint64_t directory_ = 0;
  std::uint64_t id_;
};

/// The same error with the place of the slide that was asked for.
DataError in_region(const DataError& error, int level, const Rect& area);

}  // namespace mito::slide
