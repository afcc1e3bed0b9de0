#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <mutex>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/slide/ome.h"
#include "engine/slide/pixel_source.h"
#include "engine/slide/tiff_tiles.h"
#include "engine/tiff/chunks.h"
#include "engine/tiff/limits.h"

namespace mito::slide {
namespace {

using tiff::Directory;

std::int64_t pixels_of(const Directory& image) { return image.width * image.height; }

/// Of an OME-TIFF the largest page, of those in colour where there are some; the first of several.
const Directory& base_of(const std::vector<Directory>& pages) {
  const auto rank = [](const Directory& page) {
    return page.below ? std::pair(-1, std::int64_t{0})
                      : std::pair(page.channels >= 3 ? 1 : 0, pixels_of(page));
  };
  return *std::ranges::max_element(pages, {}, rank);
}

/// Is it a smaller version of `base`?
bool is_level(const Directory& image, const Directory& base) {
  constexpr double kTolerance = 0.02;  // sizes are rounded
  if (image.width < 1 || image.height < 1 || image.width >= base.width ||
      image.height >= base.height || image.bits != base.bits || image.samples != base.samples ||
      image.channels != base.channels || !image.decodable)
    return false;
  const double x = true_ratio(base.width, image.width);
  const double y = true_ratio(base.height, image.height);
  return std::abs(x - y) <= kTolerance * std::max(x, y);
}

std::string name_of_compression(int tag) {
  constexpr std::array kJpeg2000{33003, 33004, 33005, 34712};
  const bool is_jpeg2000 = std::ranges::find(kJpeg2000, tag) != kJpeg2000.end();
  return fmt::format("{}compression {}", is_jpeg2000 ? "JPEG 2000, " : "", tag);
}

void require_decodable(const std::filesystem::path& file, const Directory& base) {
  if (base.decodable) return;
  throw DataError(fmt::format(
      "{}: libtiff cannot decode its pixels ({}); write it with JPEG, LZW or deflate, for example "
      "with: bfconvert -compression LZW {} OUT.ome.tif",
      file.string(), name_of_compression(base.compression), file.filename().string()));
}

/// A strip is decoded as a whole whenever something of it is asked for.
void require_small_chunks(const std::filesystem::path& file, const Directory& image) {
  const tiff::Chunks chunks(file, image.offset);  // throws where tiles are too large
  if (chunks.chunk_height() <= tiff::kMaxTilePixels / chunks.chunk_width()) return;
  throw DataError(fmt::format(
      "{}: its strips are {} x {} px, expected at most {} Mpx; write it with tiles, for example "
      "with: vips tiffsave {} OUT.tif --tile --pyramid --subifd --compression jpeg --bigtiff",
      file.string(), chunks.chunk_width(), chunks.chunk_height(), tiff::kMaxTilePixels / 1000000,
      file.filename().string()));
}

class TiffPyramid final : public PixelSource {
 public:
  TiffPyramid(std::filesystem::path file, std::vector<Directory> images)
      : file_(std::move(file)), images_(std::move(images)) {
    const auto& base = images_.front();
    require_decodable(file_, base);
    for (const auto& image : images_) {
      require_small_chunks(file_, image);
      levels_.push_back({image.width, image.height, true_ratio(base.width, image.width),
                         true_ratio(base.height, image.height)});
    }
  }

  const std::vector<Level>& levels() const override { return levels_; }
  std::string vendor() const override { return "tiff-pyramid"; }
  std::map<std::string, std::string> properties() const override { return {}; }

  void read(int level, const Rect& area, std::uint8_t* rgb, std::uint8_t* scanned) const override
      try {
    std::call_once(known_, [&] { find_tiles(); });
    tiles_[static_cast<std::size_t>(level)].read(area, rgb, scanned);
  } catch (const DataError& error) {
    throw in_region(error, level, area);
  }

 private:
  /// When pixels are asked for: to plan a study takes the headers of its slides only.
  void find_tiles() const {
    for (const auto& image : images_) {
      const auto tiled = tiff::tiled_image_at(file_, image.offset);
      if (tiled && tiled->jpeg)
        tiles_.emplace_back(file_, *tiled->jpeg);
      else
        tiles_.emplace_back(file_, image.offset);
    }
  }

  std::filesystem::path file_;
  std::vector<Directory> images_;
  std::vector<Level> levels_;
  mutable std::once_flag known_;
  mutable std::vector<TiffTiles> tiles_;  // by level
};

}  // namespace

std::vector<Directory> pyramid_images(const std::filesystem::path& file) {
  const auto pages = tiff::directories(file);
  if (pages.empty()) return {};
  const bool ome = is_ome(pages.front().description);
  const auto& base = ome ? base_of(pages) : pages.front();
  std::vector<Directory> images{base};
  for (const auto& image : pages)
    if (image.below && image.page == base.page && is_level(image, base)) images.push_back(image);
  if (images.size() == 1 && base.page == 1) return {};
  // Of a plain TIFF nobody knows which page is meant, when it is not the first (check_tiff).
  if (!ome && std::ranges::any_of(
                  pages, [&](const Directory& page) { return pixels_of(page) > pixels_of(base); }))
    return {};
  std::ranges::stable_sort(images, std::greater<>(), pixels_of);
  images.front().description = pages.front().description;
  images.front().lost_next = std::ranges::any_of(pages, &Directory::lost_next);
  return images;
}

std::unique_ptr<PixelSource> open_tiff_pyramid(const std::filesystem::path& file) {
  auto images = pyramid_images(file);
  if (images.empty()) return nullptr;
  return std::make_unique<TiffPyramid>(file, std::move(images));
}

}  // namespace mito::slide
