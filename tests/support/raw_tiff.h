#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mito::test {

/// A TIFF file byte by byte, for what no writer writes: any tags, missing tiles, odd samples.
class RawTiff {
 public:
  enum Type : std::uint16_t { kText = 2, kShort = 3, kLong = 4, kRational = 5 };

  struct Page {
    std::map<std::uint16_t, std::pair<Type, std::vector<std::uint32_t>>> tags;
    std::string description;          ///< Tag 270; may be empty.
    bool tiled = true;                ///< Else in strips.
    std::vector<std::string> chunks;  ///< Tiles or strips; an empty one is missing.
    std::vector<Page> below;          ///< SubIFDs.
  };

  /// Tags of a page without compression: `channels` samples of `bits`, in tiles or strips of
  /// `chunk` rows (and columns), at 0.25 um/px.
  static Page page(std::uint32_t width,
                   std::uint32_t height,
                   std::uint32_t channels,
                   std::uint32_t bits,
                   bool tiled,
                   std::uint32_t chunk);

  /// Writes a classic little-endian file.
  static void write(const std::filesystem::path& file, const std::vector<Page>& pages);
};

}  // namespace mito::test
