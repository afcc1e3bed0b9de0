#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>

#include "engine/tiff/picture.h"

namespace mito::tiff {

/// One image of a TIFF file, decoded tile by tile or strip by strip by libtiff, whatever its
/// compression, colours and transparency. Holds the file open; for one thread at a time.
class Chunks {
 public:
  /// The image whose directory lies at that place (Directory::offset); 0: the first. Throws
  /// DataError when it cannot be opened, or its tiles or strips are too large.
  Chunks(const std::filesystem::path& file, std::uint64_t directory);
  Chunks(Chunks&&) noexcept;
  Chunks& operator=(Chunks&&) noexcept;
  ~Chunks();

  std::int64_t width() const;  ///< Of the image.
  std::int64_t height() const;
  std::int64_t chunk_width() const;  ///< Of a tile or strip.
  std::int64_t chunk_height() const;

  /// The pixels of the tile or strip at `column` and `row`, cut off where the image ends. One that
  /// is missing from the file is white and not scanned. Throws DataError naming file and place.
  Picture read(std::int64_t column, std::int64_t row) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The first page of a TIFF file as a whole. Throws DataError naming the file.
Picture read_image(const std::filesystem::path& file);

}  // namespace mito::tiff
