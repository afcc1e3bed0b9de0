#include <algorithm>
#include <atomic>
#include <cmath>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/core/error.h"
#include "engine/slide/overlap.h"
#include "engine/slide/pixel_source.h"
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

/// The tiles of a level; nothing when it is not sure which image it is.
std::optional<tiff::JpegTiles> tiles_of(const Level& level,
                                        const std::vector<tiff::TiledImage>& images) {
  const auto fits = [&](const tiff::TiledImage& image) {
    return image.width == level.width && image.height == level.height;
  };
  if (std::ranges::count_if(images, fits) != 1) return std::nullopt;
  return std::ranges::find_if(images, fits)->jpeg;
}

class JpegSource final : public PixelSource {
 public:
  JpegSource(std::filesystem::path file, std::unique_ptr<PixelSource> source)
      : file_(std::move(file)), source_(std::move(source)) {}

  const std::vector<Level>& levels() const override { return source_->levels(); }
  std::string vendor() const override { return source_->vendor(); }
  std::map<std::string, std::string> properties() const override { return source_->properties(); }

  void read(int level, const Rect& area, std::uint8_t* rgb) const override {
    std::call_once(known_, [&] { find_images(); });
    const auto& image = images_[static_cast<std::size_t>(level)];
    if (!image) return source_->read(level, area, rgb);
    try {
      read_tiles(*image, level, area, rgb);
    } catch (const DataError&) {
      source_->read(level, area, rgb);  // says what is wrong, in words and with the region
    }
  }

 private:
  /// When pixels are asked for: to plan a study takes the headers of its slides only.
  void find_images() const {
    const auto images = tiff::tiled_images(file_);
    for (const auto& level : levels())
      images_.push_back(has_whole_step(level, levels().front()) ? tiles_of(level, images)
                                                                : std::nullopt);
  }

  void read_tiles(const tiff::JpegTiles& image,
                  int level,
                  const Rect& area,
                  std::uint8_t* rgb) const {
    const std::int64_t width = image.tile_width();
    const std::int64_t height = image.tile_height();
    for (std::int64_t row = area.y / height; row * height < area.y + area.height; ++row)
      for (std::int64_t column = area.x / width; column * width < area.x + area.width; ++column) {
        const auto pixels = tile(image, {id_, level, row, column});
        copy_overlap(pixels->data(), {column * width, row * height, width, height}, rgb, area);
      }
  }

  TilePixels tile(const tiff::JpegTiles& image, const TileKey& key) const {
    if (auto pixels = cache().find(key)) return pixels;
    auto pixels =
        std::make_shared<const std::vector<std::uint8_t>>(image.read(key.column, key.row));
    cache().add(key, pixels);
    return pixels;
  }

  std::filesystem::path file_;
  std::unique_ptr<PixelSource> source_;
  mutable std::once_flag known_;
  mutable std::vector<std::optional<tiff::JpegTiles>> images_;  // by level; nothing: not JPEG
  std::uint64_t id_ = next_source();
};

}  // namespace

std::unique_ptr<PixelSource> with_jpeg_tiles(const std::filesystem::path& file,
                                             std::unique_ptr<PixelSource> source) {
  // Formats whose tiles lie side by side and hold the whole picture.
  if (source->vendor() != "aperio" && source->vendor() != "generic-tiff") return source;
  return std::make_unique<JpegSource>(file, std::move(source));
}

}  // namespace mito::slide
