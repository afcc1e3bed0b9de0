#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace mito::tiff {

/// What a tiled pyramid looks like.
struct PyramidSpec {
  enum class Pixel : std::uint8_t { Rgb8, Grey16 };
  /// Generic: levels halve, resolution in TIFF tags. Aperio: levels quarter, an SVS description
  /// with the resolution, and a thumbnail as second image.
  enum class Format : std::uint8_t { Generic, Aperio };

  std::int64_t width = 0;
  std::int64_t height = 0;
  Pixel pixel = Pixel::Rgb8;
  Format format = Format::Generic;
  double mpp_x = 0;  ///< um per pixel of the base level.
  double mpp_y = 0;
  int jpeg_quality = 0;          ///< 0 = deflate, which keeps every bit. Rgb8 only.
  std::string description = {};  ///< Tag 270 of the base level; Generic only. Empty: none.
};

/// Writes a pyramidal TIFF that OpenSlide, QuPath and OpenCV open, tile by tile: memory does not
/// grow with the image. BigTIFF when the base level is beyond 2 GiB. The same pixels give the same
/// bytes.
class PyramidWriter {
 public:
  static constexpr std::int64_t kTile = 256;

  /// Throws DataError when the file cannot be made.
  PyramidWriter(const std::filesystem::path& file, const PyramidSpec& spec);
  PyramidWriter(PyramidWriter&&) noexcept;
  PyramidWriter& operator=(PyramidWriter&&) noexcept;
  ~PyramidWriter();

  std::int64_t columns() const;  ///< Tiles of the base level.
  std::int64_t rows() const;
  std::size_t tile_bytes() const;

  /// One whole tile of the base level, row major, channels together; what lies beyond the image is
  /// not kept. Every tile must be written once, in any order. Throws DataError.
  void write_tile(std::int64_t column, std::int64_t row, std::span<const std::byte> pixels);

  /// Averages the base level to the coarser ones, reading it back from the file, and closes.
  /// Throws DataError.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mito::tiff
