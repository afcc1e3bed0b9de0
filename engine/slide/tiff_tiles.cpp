#include "engine/slide/tiff_tiles.h"

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/slide/overlap.h"
#include "engine/tiff/chunks.h"

namespace mito::slide {
namespace {

constexpr std::size_t kCacheBytes = 64 << 20;  // of decoded tiles, however many slides are open

struct TileKey {
  std::uint64_t image = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;
  auto operator<=>(const TileKey&) const = default;  // NOLINT(modernize-use-nullptr)
};
using TilePixels = std::shared_ptr<const tiff::Picture>;

/// The tiles that were used last.
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
    bytes_ += size_of(*pixels);
    tiles_.emplace_front(key, std::move(pixels));
    places_.emplace(key, tiles_.begin());
    for (; bytes_ > kCacheBytes; tiles_.pop_back()) {
      bytes_ -= size_of(*tiles_.back().second);
      places_.erase(tiles_.back().first);
    }
  }

 private:
  static std::size_t size_of(const tiff::Picture& tile) {
    return tile.rgb.size() + tile.scanned.size();
  }

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

std::uint64_t next_image() {
  static std::atomic<std::uint64_t> made = 0;
  return made++;
}

/// From the cache, else made by `decode`.
template <class Decode>
TilePixels tile(const TileKey& key, Decode&& decode) {
  if (auto pixels = cache().find(key)) return pixels;
  auto pixels = std::make_shared<const tiff::Picture>(decode());
  cache().add(key, pixels);
  return pixels;
}

/// Calls `use(column, row, place)` for all tiles of `width` x `height` that touch `area`.
template <class Use>
void for_tiles(std::int64_t width, std::int64_t height, const Rect& area, Use&& use) {
  for (std::int64_t row = area.y / height; row * height < area.y + area.height; ++row)
    for (std::int64_t column = area.x / width; column * width < area.x + area.width; ++column)
      use(column, row, Rect{column * width, row * height, width, height});
}

}  // namespace

TiffTiles::TiffTiles(std::filesystem::path file, tiff::JpegTiles jpeg)
    : file_(std::move(file)), jpeg_(std::move(jpeg)), id_(next_image()) {}

TiffTiles::TiffTiles(std::filesystem::path file, std::uint64_t directory)
    : file_(std::move(file)), directory_(directory), id_(next_image()) {}

void TiffTiles::read(const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const {
  if (jpeg_) return read_jpeg(area, rgb, scanned);
  read_chunks(area, rgb, scanned);
}

void TiffTiles::read_jpeg(const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const {
  const std::int64_t width = jpeg_->tile_width();
  const std::int64_t height = jpeg_->tile_height();
  for_tiles(width, height, area, [&](std::int64_t column, std::int64_t row, const Rect& place) {
    const bool missing = jpeg_->is_missing(column, row);
    if (scanned != nullptr) fill_overlap(place, missing ? 0 : 1, scanned, area, 1);
    if (missing) return fill_overlap(place, 255, rgb, area, 3);
    const auto pixels = tile({id_, row, column}, [&] {
      return tiff::Picture{width, height, jpeg_->read(column, row), {}};
    });
    copy_overlap(pixels->rgb.data(), place, rgb, area);
  });
}

void TiffTiles::read_chunks(const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const {
  std::optional<tiff::Chunks> chunks(std::in_place, file_, directory_);
  for_tiles(
      chunks->chunk_width(), chunks->chunk_height(), area,
      [&](std::int64_t column, std::int64_t row, Rect place) {
        const auto pixels = tile({id_, row, column}, [&] { return chunks->read(column, row); });
        place.width = pixels->width;  // cut off where the image ends
        place.height = pixels->height;
        copy_overlap(pixels->rgb.data(), place, rgb, area);
        if (scanned == nullptr) return;
        if (pixels->scanned.empty())
          fill_overlap(place, 1, scanned, area, 1);
        else
          copy_overlap(pixels->scanned.data(), place, scanned, area, 1);
      });
}

DataError in_region(const DataError& error, int level, const Rect& area) {
  return DataError(fmt::format("{} (level {}, region {}x{} at ({}, {}))", error.what(), level,
                               area.width, area.height, area.x, area.y));
}

}  // namespace mito::slide
