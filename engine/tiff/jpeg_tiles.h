#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace mito::tiff {

/// One image of a TIFF file, held as JPEG tiles of RGB or YCbCr pixels. Holds no open file.
class JpegTiles {
 public:
  /// Where the tiles of a file are, and how they are to be read.
  struct Layout {
    std::int64_t tile_width = 0;
    std::int64_t tile_height = 0;
    std::int64_t columns = 0;            ///< Tiles side by side.
    bool ycbcr = false;                  ///< Else RGB.
    std::vector<std::uint8_t> tables;    ///< JPEG stream with what all tiles share; may be empty.
    std::vector<std::uint64_t> offsets;  ///< Of each tile in the file, row by row.
    std::vector<std::uint64_t> bytes;    ///< Of each tile; 0: it is missing from the file.
  };

  JpegTiles(std::filesystem::path file, Layout layout);

  std::int64_t tile_width() const { return layout_.tile_width; }
  std::int64_t tile_height() const { return layout_.tile_height; }

  /// Is the tile missing from the file, because nothing was scanned there?
  bool is_missing(std::int64_t column, std::int64_t row) const;

  /// Tile `column` of row `row`, which is not missing, whole even where the image ends earlier: RGB
  /// [tile_height][tile_width][3]. A function of the file alone; may be called from several threads
  /// at once. Throws DataError for a tile that is cut off, has another size than it should, or at
  /// which the decoder as much as warns.
  std::vector<std::uint8_t> read(std::int64_t column, std::int64_t row) const;

 private:
  std::filesystem::path file_;
  Layout layout_;
};

/// A tiled image of a TIFF file. No `jpeg` when it is something else than JPEG with 8 bits a
/// sample.
struct TiledImage {
  int page = 0;              ///< 1 is the first; 0 where it is not known.
  std::uint64_t offset = 0;  ///< Where in the file its directory begins.
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool reduced = false;          ///< Marked as a smaller version of another page.
  bool lacks_tiles = false;      ///< Some are missing from the file.
  bool grey_with_alpha = false;  ///< One colour and an alpha.
  std::optional<JpegTiles> jpeg;
};

/// The tiled images of a file in their order; none when it is no TIFF.
std::vector<TiledImage> tiled_images(const std::filesystem::path& file);

/// The image whose directory lies at that place (Directory::offset); nothing when it has no tiles,
/// or cannot be found.
std::optional<TiledImage> tiled_image_at(const std::filesystem::path& file,
                                         std::uint64_t directory);

/// Throws DataError where tiles are too large, or one has more bytes than the file, as it says. To
/// be called before OpenSlide opens a file: it takes memory for both, and ends the process where
/// there is none. A file that is no TIFF has no tiles.
void check_tiles(const std::filesystem::path& file);

}  // namespace mito::tiff
