#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace mito::tiff {

/// One image of a TIFF file, held as JPEG tiles of RGB or YCbCr pixels.
class JpegTiles {
 public:
  /// The image of `file` with `width` x `height` pixels; null unless there is exactly one such,
  /// with 8 bits a sample, and none of its tiles is missing. Never throws for a file that is no
  /// TIFF.
  static std::unique_ptr<JpegTiles> find(const std::filesystem::path& file,
                                         std::int64_t width,
                                         std::int64_t height);
  JpegTiles(const JpegTiles&) = delete;
  JpegTiles& operator=(const JpegTiles&) = delete;
  ~JpegTiles();

  std::int64_t tile_width() const;
  std::int64_t tile_height() const;

  /// Tile `column` of row `row`, whole even where the image ends earlier: RGB
  /// [tile_height][tile_width][3]. May be called from several threads at once. Throws DataError.
  std::vector<std::uint8_t> read(std::int64_t column, std::int64_t row) const;

 private:
  class Impl;
  explicit JpegTiles(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace mito::tiff
