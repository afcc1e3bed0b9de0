#include "engine/tiff/jpeg_tiles.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/tiff/handle.h"

namespace mito::tiff {
namespace {

template <class T>
T field(TIFF* tiff, ttag_t tag) {
  T value{};
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

bool has_jpeg_tiles(TIFF* tiff) {
  const auto colours = field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC);
  return field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION) == COMPRESSION_JPEG &&
         (colours == PHOTOMETRIC_YCBCR || colours == PHOTOMETRIC_RGB) &&
         field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL) == 3 &&
         field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE) == 8 &&
         field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG;
}

// Scanners leave out tiles without tissue; OpenSlide fills those from another level.
bool is_complete(TIFF* tiff) {
  const std::uint64_t* bytes = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_TILEBYTECOUNTS, &bytes) == 0 || bytes == nullptr) return false;
  const std::span counts(bytes, TIFFNumberOfTiles(tiff));
  return std::none_of(counts.begin(), counts.end(), [](auto count) { return count == 0; });
}

}  // namespace

// libtiff allows one thread at a time per handle: every thread takes one and gives it back.
class JpegTiles::Impl {
 public:
  Impl(std::filesystem::path file, tdir_t directory)
      : file_(std::move(file)), directory_(directory) {
    const Handle handle = open();
    tile_width_ = field<std::uint32_t>(handle.get(), TIFFTAG_TILEWIDTH);
    tile_height_ = field<std::uint32_t>(handle.get(), TIFFTAG_TILELENGTH);
  }

  std::int64_t tile_width() const { return tile_width_; }
  std::int64_t tile_height() const { return tile_height_; }

  std::vector<std::uint8_t> read(std::int64_t column, std::int64_t row) const {
    Handle handle = take();
    std::vector<std::uint8_t> rgb(static_cast<std::size_t>(tile_width_ * tile_height_ * 3));
    const auto index =
        TIFFComputeTile(handle.get(), static_cast<std::uint32_t>(column * tile_width_),
                        static_cast<std::uint32_t>(row * tile_height_), 0, 0);
    if (TIFFReadEncodedTile(handle.get(), index, rgb.data(), static_cast<tmsize_t>(rgb.size())) !=
        static_cast<tmsize_t>(rgb.size()))
      handle.fail(fmt::format("reading tile ({}, {})", column, row));
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
    return rgb;
  }

 private:
  Handle open() const {
    Handle handle(file_, "rm");  // m: no memory map, which ends the process when a file is cut
    if (TIFFSetDirectory(handle.get(), directory_) == 0) handle.fail("finding a level");
    TIFFSetField(handle.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    return handle;
  }

  Handle take() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Handle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    return open();
  }

  std::filesystem::path file_;
  tdir_t directory_;
  std::int64_t tile_width_ = 0;
  std::int64_t tile_height_ = 0;
  mutable std::mutex mutex_;
  mutable std::vector<Handle> idle_;
};

std::unique_ptr<JpegTiles> JpegTiles::find(const std::filesystem::path& file,
                                           std::int64_t width,
                                           std::int64_t height) {
  std::optional<tdir_t> found;
  try {
    const Handle handle(file, "rm");
    TIFF* tiff = handle.get();
    for (tdir_t directory = 0; directory == 0 || TIFFReadDirectory(tiff) != 0; ++directory) {
      if (field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH) != width ||
          field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH) != height || TIFFIsTiled(tiff) == 0)
        continue;
      if (found || !has_jpeg_tiles(tiff) || !is_complete(tiff)) return nullptr;
      found = directory;
    }
  } catch (const DataError&) {
    return nullptr;
  }
  if (!found) return nullptr;
  return std::unique_ptr<JpegTiles>(new JpegTiles(std::make_unique<const Impl>(file, *found)));
}

JpegTiles::JpegTiles(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
JpegTiles::~JpegTiles() = default;

std::int64_t JpegTiles::tile_width() const { return impl_->tile_width(); }
std::int64_t JpegTiles::tile_height() const { return impl_->tile_height(); }

std::vector<std::uint8_t> JpegTiles::read(std::int64_t column, std::int64_t row) const {
  return impl_->read(column, row);
}

}  // namespace mito::tiff
