#include "engine/tiff/chunks.h"

#include <algorithm>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/tiff/handle.h"
#include "engine/tiff/limits.h"

namespace mito::tiff {
namespace {

std::uint8_t over_white(unsigned premultiplied, unsigned alpha) {
  return static_cast<std::uint8_t>(std::min(premultiplied + 255U - alpha, 255U));
}

}  // namespace

class Chunks::Impl {
 public:
  Impl(const std::filesystem::path& file, std::uint64_t directory)
      : file_(file), handle_(file, "rm") {
    TIFF* tiff = handle_.get();
    if (directory != 0 && TIFFSetSubDirectory(tiff, directory) == 0)
      handle_.fail(fmt::format("finding its image at byte {}", directory));
    width_ = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
    height_ = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH);
    tiled_ = TIFFIsTiled(tiff) != 0;
    chunk_width_ = tiled_ ? field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH) : width_;
    chunk_height_ =
        tiled_ ? field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH)
               : std::min<std::int64_t>(field<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP), height_);
    if (width_ < 1 || height_ < 1 || chunk_width_ < 1 || chunk_height_ < 1)
      throw DataError(file.string() + ": the image has no pixels");
    check_chunk(file, tiled_, chunk_width_, chunk_height_);
    columns_ = (width_ + chunk_width_ - 1) / chunk_width_;
    per_plane_ = columns_ * ((height_ + chunk_height_ - 1) / chunk_height_);
    channels_ = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL);
    together_ = field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG;
    bits_ = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE);
    std::uint16_t extras = 0;
    const std::uint16_t* kinds = nullptr;
    if (channels_ == 2 && TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds) != 0 &&
        extras == 1 && (bits_ == 8 || bits_ == 16)) {
      alpha_ = kinds[0] == EXTRASAMPLE_ASSOCALPHA || kinds[0] == EXTRASAMPLE_UNASSALPHA;
      premultiplied_ = kinds[0] == EXTRASAMPLE_ASSOCALPHA;
    }
  }

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }
  std::int64_t chunk_width() const { return chunk_width_; }
  std::int64_t chunk_height() const { return chunk_height_; }

  Picture read(std::int64_t column, std::int64_t row) const {
    Picture out;
    out.width = std::min(chunk_width_, width_ - column * chunk_width_);
    out.height = std::min(chunk_height_, height_ - row * chunk_height_);
    const auto pixels = static_cast<std::size_t>(out.width * out.height);
    out.rgb.assign(pixels * 3, 255);
    const auto index = row * columns_ + column;
    if (is_missing(index)) {
      out.scanned.assign(pixels, 0);
      return out;
    }
    const auto raster = decode(column, row);
    if (alpha_) return with_alpha_of(index, raster, std::move(out));
    fill(raster, out);
    return out;
  }

 private:
  bool is_missing(std::int64_t index) const {
    const std::int64_t planes = together_ ? 1 : channels_;
    for (std::int64_t plane = 0; plane < planes; ++plane)
      if (TIFFGetStrileByteCount(handle_.get(),
                                 static_cast<std::uint32_t>(index + plane * per_plane_)) == 0)
        return true;
    return false;
  }

  /// A pixel is 0xAABBGGRR, premultiplied; the last row comes first.
  std::vector<std::uint32_t> decode(std::int64_t column, std::int64_t row) const {
    std::vector<std::uint32_t> raster(static_cast<std::size_t>(chunk_width_ * chunk_height_));
    const auto x = static_cast<std::uint32_t>(column * chunk_width_);
    const auto y = static_cast<std::uint32_t>(row * chunk_height_);
    constexpr int kStopAtErrors = 1;
    const int good = tiled_ ? TIFFReadRGBATileExt(handle_.get(), x, y, raster.data(), kStopAtErrors)
                            : TIFFReadRGBAStripExt(handle_.get(), y, raster.data(), kStopAtErrors);
    const auto doing = fmt::format("decoding its {} at ({}, {})", tiled_ ? "tile" : "strip", x, y);
    const auto warning = handle_.take_jpeg_warning();
    if (good == 0) handle_.fail(doing);
    if (!warning.empty())
      throw DataError(fmt::format("{}: {} failed: {}", file_.string(), doing, warning));
    return raster;
  }

  const std::uint32_t* row_of(const std::vector<std::uint32_t>& raster,
                              const Picture& picture,
                              std::int64_t y) const {
    // A tile is always whole; of a strip, libtiff turns the rows over that there are.
    const std::int64_t rows = tiled_ ? chunk_height_ : picture.height;
    return raster.data() + (rows - 1 - y) * chunk_width_;
  }

  void fill(const std::vector<std::uint32_t>& raster, Picture& out) const {
    std::vector<std::uint8_t> scanned(static_cast<std::size_t>(out.width * out.height), 1);
    bool all = true;
    std::size_t at = 0;
    for (std::int64_t y = 0; y < out.height; ++y) {
      const std::uint32_t* from = row_of(raster, out, y);
      for (std::int64_t x = 0; x < out.width; ++x, ++at) {
        const unsigned alpha = TIFFGetA(from[x]);
        out.rgb[at * 3] = over_white(TIFFGetR(from[x]), alpha);
        out.rgb[at * 3 + 1] = over_white(TIFFGetG(from[x]), alpha);
        out.rgb[at * 3 + 2] = over_white(TIFFGetB(from[x]), alpha);
        if (alpha == 0) {
          scanned[at] = 0;
          all = false;
        }
      }
    }
    if (!all) out.scanned = std::move(scanned);
  }

  /// libtiff leaves the alpha of grey and palette pixels out, or multiplies it in half of the time.
  Picture with_alpha_of(std::int64_t index,
                        const std::vector<std::uint32_t>& raster,
                        Picture out) const {
    const auto alpha = alpha_of(index);
    const bool is_premultiplied = premultiplied_;
    out.scanned.resize(static_cast<std::size_t>(out.width * out.height));
    std::size_t at = 0;
    for (std::int64_t y = 0; y < out.height; ++y) {
      const std::uint32_t* from = row_of(raster, out, y);
      for (std::int64_t x = 0; x < out.width; ++x, ++at) {
        const unsigned a = alpha[static_cast<std::size_t>(y * chunk_width_ + x)];
        const unsigned colours[3] = {TIFFGetR(from[x]), TIFFGetG(from[x]), TIFFGetB(from[x])};
        for (std::size_t c = 0; c < 3; ++c)
          out.rgb[at * 3 + c] =
              over_white(is_premultiplied ? colours[c] : (colours[c] * a + 127) / 255, a);
        out.scanned[at] = a > 0 ? 1 : 0;
      }
    }
    return out;
  }

  /// The alpha of a chunk in 8 bits, [chunk_height][chunk_width], the first row first.
  std::vector<std::uint8_t> alpha_of(std::int64_t index) const {
    const std::int64_t from = together_ ? index : index + per_plane_;
    const auto bytes = tiled_ ? TIFFTileSize(handle_.get()) : TIFFStripSize(handle_.get());
    std::vector<std::uint8_t> raw(static_cast<std::size_t>(bytes));
    const auto chunk = static_cast<std::uint32_t>(from);
    const auto read = tiled_ ? TIFFReadEncodedTile(handle_.get(), chunk, raw.data(), bytes)
                             : TIFFReadEncodedStrip(handle_.get(), chunk, raw.data(), bytes);
    if (read < 0) handle_.fail("decoding its transparency");
    const std::size_t step = together_ ? 2 : 1;
    std::vector<std::uint8_t> out(static_cast<std::size_t>(chunk_width_ * chunk_height_), 0);
    const std::size_t size = bits_ == 16 ? 2 : 1;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t at = (i * step + step - 1) * size;
      if (at + size > static_cast<std::size_t>(read)) break;  // the last strip is shorter
      // libtiff gives words in the order of this machine.
      const unsigned value =
          size == 1 ? raw[at] : *reinterpret_cast<const std::uint16_t*>(&raw[at]);
      out[i] = static_cast<std::uint8_t>(size == 1 ? value : (value + 128) / 257);
    }
    return out;
  }

  std::filesystem::path file_;
  Handle handle_;
  std::int64_t width_ = 0;
  std::int64_t height_ = 0;
  std::int64_t chunk_width_ = 0;
  std::int64_t chunk_height_ = 0;
  std::int64_t columns_ = 0;
  std::int64_t per_plane_ = 0;
  int channels_ = 0;
  int bits_ = 0;
  bool tiled_ = false;
  bool together_ = true;
  bool alpha_ = false;
  bool premultiplied_ = false;
};

Chunks::Chunks(const std::filesystem::path& file, std::uint64_t directory)
    : impl_(std::make_unique<Impl>(file, directory)) {}
Chunks::Chunks(Chunks&&) noexcept = default;
Chunks& Chunks::operator=(Chunks&&) noexcept = default;
Chunks::~Chunks() = default;

std::int64_t Chunks::width() const { return impl_->width(); }
std::int64_t Chunks::height() const { return impl_->height(); }
std::int64_t Chunks::chunk_width() const { return impl_->chunk_width(); }
std::int64_t Chunks::chunk_height() const { return impl_->chunk_height(); }
Picture Chunks::read(std::int64_t column, std::int64_t row) const {
  return impl_->read(column, row);
}

namespace {

void place(const Picture& part, std::int64_t left, std::int64_t top, Picture& whole) {
  if (!part.scanned.empty() && whole.scanned.empty())
    whole.scanned.assign(static_cast<std::size_t>(whole.width * whole.height), 1);
  for (std::int64_t y = 0; y < part.height; ++y) {
    const std::int64_t to = (top + y) * whole.width + left;
    std::copy_n(part.rgb.begin() + y * part.width * 3, part.width * 3, whole.rgb.begin() + to * 3);
    if (!part.scanned.empty())
      std::copy_n(part.scanned.begin() + y * part.width, part.width, whole.scanned.begin() + to);
  }
}

}  // namespace

Picture read_image(const std::filesystem::path& file) {
  const Chunks chunks(file, 0);
  Picture out;
  out.width = chunks.width();
  out.height = chunks.height();
  check_image(file, out.width, out.height);  // directories() may have seen other sizes, or none
  out.rgb.resize(static_cast<std::size_t>(out.width * out.height * 3));
  for (std::int64_t row = 0; row * chunks.chunk_height() < out.height; ++row)
    for (std::int64_t column = 0; column * chunks.chunk_width() < out.width; ++column)
      place(chunks.read(column, row), column * chunks.chunk_width(), row * chunks.chunk_height(),
            out);
  return out;
}

}  // namespace mito::tiff
