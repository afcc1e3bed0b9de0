#include <cmath>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/core/error.h"
#include "engine/slide/pixel_source.h"
#include "engine/slide/tiff_tiles.h"
#include "engine/tiff/jpeg_tiles.h"

namespace mito::slide {
namespace {

// OpenSlide interpolates between the pixels of a level whose step is no whole number.
bool has_whole_step(const Level& level, const Level& finest) {
  return level.ratio_x == level.ratio_y && level.ratio_x == std::round(level.ratio_x) &&
         level.ratio_x * static_cast<double>(level.width) == static_cast<double>(finest.width) &&
         level.ratio_y * static_cast<double>(level.height) == static_cast<double>(finest.height);
}

/// How the pixels of a level are to be read.
struct Reading {
  std::optional<TiffTiles> tiles;  ///< By us; else by OpenSlide.
  bool by_openslide = true;        ///< OpenSlide can read it, too.
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

Reading reading_of(const std::filesystem::path& file,
                   const Level& level,
                   const Level& finest,
                   const std::vector<tiff::TiledImage>& images,
                   bool generic) {
  const auto* image = image_of(level, images, generic);
  if (image == nullptr) return {};
  const auto by_libtiff = [&] { return Reading{TiffTiles(file, image->offset), false}; };
  const auto as_jpeg = [&] { return Reading{TiffTiles(file, *image->jpeg), true}; };
  // OpenSlide refuses missing tiles of a generic TIFF; those of an SVS it fills from other levels.
  if (generic && image->lacks_tiles) return image->jpeg ? as_jpeg() : by_libtiff();
  if (generic && image->grey_with_alpha) return by_libtiff();
  if (!image->jpeg || image->lacks_tiles || !has_whole_step(level, finest)) return {};
  return as_jpeg();
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
    if (!reading.tiles) return source_->read(level, area, rgb, scanned);
    try {
      reading.tiles->read(area, rgb, scanned);
    } catch (const DataError& error) {
      if (!reading.by_openslide) throw in_region(error, level, area);
      source_->read(level, area, rgb, scanned);  // says what is wrong, in words, with the region
    }
  }

 private:
  /// When pixels are asked for: to plan a study takes the headers of its slides only.
  void find_images() const {
    const auto images = tiff::tiled_images(file_);
    const bool generic = vendor() == "generic-tiff";
    for (const auto& level : levels())
      readings_.push_back(reading_of(file_, level, levels().front(), images, generic));
  }

  std::filesystem::path file_;
  std::unique_ptr<PixelSource> source_;
  mutable std::once_flag known_;
  mutable std::vector<Reading> readings_;  // by level
};

}  // namespace

std::unique_ptr<PixelSource> with_tiff_tiles(const std::filesystem::path& file,
                                             std::unique_ptr<PixelSource> source) {
  // Formats whose tiles lie side by side and hold the whole picture.
  if (source->vendor() != "aperio" && source->vendor() != "generic-tiff") return source;
  return std::make_unique<TiffSource>(file, std::move(source));
}

}  // namespace mito::slide
