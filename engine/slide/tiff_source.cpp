#include <algorithm>
#include <atomic>
#include <cmath>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/slide/overlap.h"
#include "engine/slide/pixel_source.h"
#include "engine/tiff/chunks.h"
#include "engine/tiff/jpeg_tiles.h"

namespace mito::slide {
namespace {

constexpr std::size_t kCacheBytes = 64 << 20;  // of decoded tiles, however many slides are open

struct TileKey {
  std::uint64_t source = 0;
  int level = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;
  auto operator<=>(const TileKey&) const = default;  // NOLINT(modernize-use-nullptr)
};
using TilePixels = std::shared_ptr<const std::vector<std::uint8_t>>;

/// The tiles that were used last: neighbouring regions share those on their border.
class TileCache {
 public:
  TilePixels find(const TileKey& key) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    tiles_.splice(tiles_.begin(), tiles_, found->second);
    return found->second->second;
  }

  void add(const TileKey& key, TilePixels pixels) {
    const std::lock_guard lock(mutex_);
    if (places_.contains(key)) return;  // two threads decoded it
    bytes_ += pixels->size();
    tiles_.emplace_front(key, std::move(pixels));
    places_.emplace(key, tiles_.begin());
    for (; bytes_ > kCacheBytes; tiles_.pop_back()) {
      bytes_ -= tiles_.back().second->size();
      places_.erase(tiles_.back().first);
    }
  }

 private:
  using Tiles = std::list<std::pair<TileKey, TilePixels>>;  // last used first
  std::mutex mutex_;
  Tiles tiles_;
  std::map<TileKey, Tiles::iterator> places_;
  std::size_t bytes_ = 0;
};

/// One for all slides: hundreds may be open, and a pixel is the same from here or from the file.
TileCache& cache() {
  static TileCache of_the_process;
  return of_the_process;
}

std::uint64_t next_source() {
  static std::atomic<std::uint64_t> made = 0;
  return made++;
}

// OpenSlide interpolates between the pixels of a level whose step is no whole number.
bool has_whole_step(const Level& level, const Level& finest) {
  return level.ratio_x == level.ratio_y && level.ratio_x == std::round(level.ratio_x) &&
         level.ratio_x * static_cast<double>(level.width) == static_cast<double>(finest.width) &&
         level.ratio_y * static_cast<double>(level.height) == static_cast<double>(finest.height);
}

/// How the pixels of a level are to be read.
struct Reading {
  std::optional<tiff::JpegTiles> jpeg;  ///< Tile by tile, by us; tiles may be missing.
  int page = 0;                         ///< By libtiff, when above 0; else by OpenSlide.
};

/// The image of the file that is this level, unless that is not sure.
const tiff::TiledImage* image_of(const Level& level,
                                 const std::vector<tiff::TiledImage>& images,
                                 bool generic) {
  const tiff::TiledImage* found = nullptr;
  for (const auto& image : images) {
    // Of a generic TIFF, OpenSlide takes the first page and those that say they are smaller ones.
    if (image.width != level.width || image.height != level.height ||
        (generic && image.page != 1 && !image.reduced))
      continue;
    if (found != nullptr) return nullptr;
    found = &image;
  }
  return found;
}

Reading reading_of(const Level& level,
                   const Level& finest,
                   const std::vector<tiff::TiledImage>& images,
                   bool generic) {
  const auto* image = image_of(level, images, generic);
  if (image == nullptr) return {};
  // OpenSlide refuses missing tiles of a generic TIFF; those of an SVS it fills from other levels.
  if (generic && image->lacks_tiles)
    return image->jpeg ? Reading{image->jpeg, 0} : Reading{{}, image->page};
  if (generic && image->grey_with_alpha) return {{}, image->page};
  if (image->lacks_tiles || !has_whole_step(level, finest)) return {};
  return {image->jpeg, 0};
}

class TiffSource final : public PixelSource {
 public:
  TiffSource(std::filesystem::path file, std::unique_ptr<PixelSource> source)
      : file_(std::move(file)), source_(std::move(source)) {}

  const std::vector<Level>& levels() const override { return source_->levels(); }
  std::string vendor() const override { return source_->vendor(); }
  std::map<std::string, std::string> properties() const override { return source_->properties(); }

  void read(int level, const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const override {
    std::call_once(known_, [&] { find_images(); });
    const auto& reading = readings_[static_cast<std::size_t>(level)];
    if (reading.page > 0) return read_page(reading.page, level, area, rgb, scanned);
    if (!reading.jpeg) return source_->read(level, area, rgb, scanned);
    try {
      read_tiles(*reading.jpeg, level, area, rgb, scanned);
    } catch (const DataError&) {
      source_->read(level, area, rgb, scanned);  // says what is wrong, in words, with the region
    }
  }

 private:
  /// When pixels are asked for: to plan a study takes the headers of its slides only.
  void find_images() const {
    const auto images = tiff::tiled_images(file_);
    for (const auto& image : images) check_bytes(image);
    const bool generic = vendor() == "generic-tiff";
    for (const auto& level : levels())
      readings_.push_back(reading_of(level, levels().front(), images, generic));
  }

  /// OpenSlide takes so much memory for a tile of JPEG 2000, and ends the process where there is
  /// not.
  void check_bytes(const tiff::TiledImage& image) const {
    std::error_code unknown;
    const auto size = std::filesystem::file_size(file_, unknown);
    if (unknown || image.most_bytes <= size) return;
    throw DataError(fmt::format(
        "{}: a tile of page {} has {} bytes, as it says, but the file has {}: it is damaged",
        file_.string(), image.page, image.most_bytes, size));
  }

  void read_tiles(const tiff::JpegTiles& image,
                  int level,
                  const Rect& area,
                  std::uint8_t* rgb,
                  std::uint8_t* scanned) const {
    const std::int64_t width = image.tile_width();
    const std::int64_t height = image.tile_height();
    for (std::int64_t row = area.y / height; row * height < area.y + area.height; ++row)
      for (std::int64_t column = area.x / width; column * width < area.x + area.width; ++column) {
        const Rect place{column * width, row * height, width, height};
        const bool missing = image.is_missing(column, row);
        if (scanned != nullptr) fill_overlap(place, missing ? 0 : 1, scanned, area, 1);
        if (missing)
          fill_overlap(place, 255, rgb, area, 3);
        else
          copy_overlap(tile(image, {id_, level, row, column})->data(), place, rgb, area);
      }
  }

  TilePixels tile(const tiff::JpegTiles& image, const TileKey& key) const {
    if (auto pixels = cache().find(key)) return pixels;
    auto pixels =
        std::make_shared<const std::vector<std::uint8_t>>(image.read(key.column, key.row));
    cache().add(key, pixels);
    return pixels;
  }

  void read_page(
      int page, int level, const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const try {
    const tiff::Chunks chunks(file_, page);
    const std::int64_t width = chunks.chunk_width();
    const std::int64_t height = chunks.chunk_height();
    for (std::int64_t row = area.y / height; row * height < area.y + area.height; ++row)
      for (std::int64_t column = area.x / width; column * width < area.x + area.width; ++column) {
        const auto part = chunks.read(column, row);
        const Rect place{column * width, row * height, part.width, part.height};
        copy_overlap(part.rgb.data(), place, rgb, area);
        if (scanned == nullptr) continue;
        if (part.scanned.empty())
          fill_overlap(place, 1, scanned, area, 1);
        else
          copy_overlap(part.scanned.data(), place, scanned, area, 1);
      }
  } catch (const DataError& error) {
    throw DataError(fmt::format("{} (level {}, region {}x{} at ({}, {}))", error.what(), level,
                                area.width, area.height, area.x, area.y));
  }

  std::filesystem::path file_;
  std::unique_ptr<PixelSource> source_;
  mutable std::once_flag known_;
  mutable std::vector<Reading> readings_;  // by level
  std::uint64_t id_ = next_source();
};

}  // namespace

std::unique_ptr<PixelSource> with_tiff_tiles(const std::filesystem::path& file,
                                             std::unique_ptr<PixelSource> source) {
  // Formats whose tiles lie side by side and hold the whole picture.
  if (source->vendor() != "aperio" && source->vendor() != "generic-tiff") return source;
  return std::make_unique<TiffSource>(file, std::move(source));
}

}  // namespace mito::slide
