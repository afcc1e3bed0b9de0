#include "engine/tiff/pyramid_writer.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/tiff/handle.h"

namespace mito::tiff {
namespace {

constexpr std::int64_t kTile = PyramidWriter::kTile;
constexpr std::int64_t kSmallestLevel = 1024;   // a longer side gets another level
constexpr std::int64_t kThumbnail = 512;        // longest side
constexpr double kClassicLimit = 2147483648.0;  // bytes; a classic TIFF ends at 4 GiB

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

std::int64_t tiles(std::int64_t pixels) { return (pixels + kTile - 1) / kTile; }

// Mean of `factor` x `factor` blocks of a tile of the finer level, into the part of the coarser
// tile that it covers. Pixels beyond the finer level do not count.
template <class T>
void reduce(const T* fine,
            Size inside,
            std::int64_t channels,
            std::int64_t factor,
            T* coarse,
            std::int64_t left,
            std::int64_t top) {
  for (std::int64_t y = 0; y < kTile / factor; ++y)
    for (std::int64_t x = 0; x < kTile / factor; ++x) {
      const std::int64_t wide = std::min(factor, inside.width - x * factor);
      const std::int64_t high = std::min(factor, inside.height - y * factor);
      if (wide <= 0 || high <= 0) continue;
      const auto count = static_cast<std::uint64_t>(wide * high);
      for (std::int64_t c = 0; c < channels; ++c) {
        std::uint64_t sum = count / 2;
        for (std::int64_t v = 0; v < high; ++v)
          for (std::int64_t u = 0; u < wide; ++u)
            sum += fine[((y * factor + v) * kTile + x * factor + u) * channels + c];
        coarse[((top + y) * kTile + left + x) * channels + c] = static_cast<T>(sum / count);
      }
    }
}

}  // namespace

class PyramidWriter::Impl {
 public:
  Impl(std::filesystem::path file, const PyramidSpec& spec)
      : file_(std::move(file)), spec_(spec), tile_(tile_bytes()) {
    const double bytes = static_cast<double>(spec.width) * static_cast<double>(spec.height) *
                         static_cast<double>(pixel_bytes());
    out_.emplace(file_, bytes > kClassicLimit ? "w8" : "w");
    if (aperio()) begin_thumbnail();
    begin_level({spec.width, spec.height}, 1);
  }

  const PyramidSpec& spec() const { return spec_; }
  std::size_t tile_bytes() const { return static_cast<std::size_t>(kTile * kTile * pixel_bytes()); }

  void write_base(std::int64_t column, std::int64_t row, std::span<const std::byte> pixels) {
    if (pixels.size() != tile_bytes()) throw std::invalid_argument("a tile has another size");
    if (aperio()) add_to_thumbnail(column, row, pixels);
    write(column, row, pixels);
  }

  void finish() {
    end_level();
    if (aperio()) write_thumbnail();
    out_->close();
    const std::int64_t factor = aperio() ? 4 : 2;
    Size fine{spec_.width, spec_.height};
    tdir_t fine_directory = 0;
    tdir_t written = aperio() ? 2 : 1;
    for (std::int64_t step = factor; std::max(fine.width, fine.height) > kSmallestLevel;
         step *= factor) {
      // OpenSlide 3.4.1 with libtiff 4.5 cannot read a level smaller than its tiles.
      if (std::min(fine.width, fine.height) / factor < kTile) break;
      const Size coarse{std::max<std::int64_t>(1, fine.width / factor),
                        std::max<std::int64_t>(1, fine.height / factor)};
      add_level(fine, fine_directory, coarse, factor, step);
      fine = coarse;
      fine_directory = written++;
    }
  }

 private:
  bool aperio() const { return spec_.format == PyramidSpec::Format::Aperio; }
  bool grey() const { return spec_.pixel == PyramidSpec::Pixel::Grey16; }
  std::int64_t channels() const { return grey() ? 1 : 3; }
  std::int64_t pixel_bytes() const { return grey() ? 2 : 3; }

  template <class T>
  void set(ttag_t tag, T value) {
    if (TIFFSetField(out_->get(), tag, value) == 0) out_->fail(fmt::format("setting tag {}", tag));
  }

  void set_image(Size size) {
    set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(size.width));
    set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(size.height));
    set(TIFFTAG_BITSPERSAMPLE, grey() ? 16 : 8);
    set(TIFFTAG_SAMPLESPERPIXEL, static_cast<int>(channels()));
    set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  }

  std::string description(Size size) const {
    const std::string whole = fmt::format("{}x{}", spec_.width, spec_.height);
    const std::string reduced =
        size.width == spec_.width ? "" : fmt::format("-> {}x{} ", size.width, size.height);
    return fmt::format(
        "Aperio Image Library v12.0.0\r\n{0} [0,0 {0}] ({1}x{1}) {2}{3}|AppMag = {4}|MPP = {5}",
        whole, kTile, reduced,
        spec_.jpeg_quality > 0 ? fmt::format("JPEG/RGB Q={}", spec_.jpeg_quality) : "deflate/RGB",
        number_text(std::max(1.0, std::round(10 / spec_.mpp_x))), number_text(spec_.mpp_x));
  }

  void begin_level(Size size, std::int64_t step) {
    set_image(size);
    set(TIFFTAG_TILEWIDTH, static_cast<std::uint32_t>(kTile));
    set(TIFFTAG_TILELENGTH, static_cast<std::uint32_t>(kTile));
    if (spec_.jpeg_quality > 0) {
      set(TIFFTAG_COMPRESSION, COMPRESSION_JPEG);
      set(TIFFTAG_JPEGQUALITY, spec_.jpeg_quality);
      set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR);
      if (TIFFSetField(out_->get(), TIFFTAG_YCBCRSUBSAMPLING, 2, 2) == 0)
        out_->fail("setting the chroma subsampling");
      set(TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);  // libtiff turns RGB into YCbCr
    } else {
      set(TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
      set(TIFFTAG_PHOTOMETRIC, grey() ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
    }
    set(TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    set(TIFFTAG_XRESOLUTION, 1e4 / (spec_.mpp_x * static_cast<double>(step)));
    set(TIFFTAG_YRESOLUTION, 1e4 / (spec_.mpp_y * static_cast<double>(step)));
    if (aperio()) set(TIFFTAG_IMAGEDESCRIPTION, description(size).c_str());
    if (!aperio() && step > 1) set(TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    if (!aperio() && step == 1 && !spec_.description.empty())
      set(TIFFTAG_IMAGEDESCRIPTION, spec_.description.c_str());
  }

  void end_level() {
    if (TIFFWriteDirectory(out_->get()) == 0) out_->fail("writing a level");
  }

  void write(std::int64_t column, std::int64_t row, std::span<const std::byte> pixels) {
    // libtiff may change the buffer it is given.
    std::copy(pixels.begin(), pixels.end(), tile_.begin());
    const auto index = TIFFComputeTile(out_->get(), static_cast<std::uint32_t>(column * kTile),
                                       static_cast<std::uint32_t>(row * kTile), 0, 0);
    if (TIFFWriteEncodedTile(out_->get(), index, tile_.data(),
                             static_cast<tmsize_t>(tile_.size())) < 0)
      out_->fail(fmt::format("writing tile ({}, {})", column, row));
  }

  void add_level(Size fine, tdir_t directory, Size coarse, std::int64_t factor, std::int64_t step) {
    const Handle in(file_, "r");
    if (TIFFSetDirectory(in.get(), directory) == 0) in.fail("reading a level back");
    if (spec_.jpeg_quality > 0) TIFFSetField(in.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    out_.emplace(file_, "a");
    begin_level(coarse, step);
    std::vector<std::byte> source(tile_bytes());
    std::vector<std::byte> target(tile_bytes());
    for (std::int64_t row = 0; row < tiles(coarse.height); ++row)
      for (std::int64_t column = 0; column < tiles(coarse.width); ++column) {
        std::fill(target.begin(), target.end(), std::byte{0});
        for (std::int64_t v = 0; v < factor; ++v)
          for (std::int64_t u = 0; u < factor; ++u) {
            const std::int64_t x = column * factor + u;
            const std::int64_t y = row * factor + v;
            if (x >= tiles(fine.width) || y >= tiles(fine.height)) continue;
            const auto index = TIFFComputeTile(in.get(), static_cast<std::uint32_t>(x * kTile),
                                               static_cast<std::uint32_t>(y * kTile), 0, 0);
            if (TIFFReadEncodedTile(in.get(), index, source.data(),
                                    static_cast<tmsize_t>(source.size())) < 0)
              in.fail(fmt::format("reading tile ({}, {}) back", x, y));
            const Size inside{std::min(kTile, fine.width - x * kTile),
                              std::min(kTile, fine.height - y * kTile)};
            shrink(source, inside, factor, target, u * kTile / factor, v * kTile / factor);
          }
        write(column, row, target);
      }
    end_level();
    out_->close();
  }

  void shrink(const std::vector<std::byte>& source,
              Size inside,
              std::int64_t factor,
              std::vector<std::byte>& target,
              std::int64_t left,
              std::int64_t top) const {
    if (grey())
      reduce(reinterpret_cast<const std::uint16_t*>(source.data()), inside, channels(), factor,
             reinterpret_cast<std::uint16_t*>(target.data()), left, top);
    else
      reduce(reinterpret_cast<const std::uint8_t*>(source.data()), inside, channels(), factor,
             reinterpret_cast<std::uint8_t*>(target.data()), left, top);
  }

  void begin_thumbnail() {
    while (std::max(spec_.width, spec_.height) / thumbnail_step_ > kThumbnail) thumbnail_step_ *= 2;
    thumbnail_ = {(spec_.width + thumbnail_step_ - 1) / thumbnail_step_,
                  (spec_.height + thumbnail_step_ - 1) / thumbnail_step_};
    const auto pixels = static_cast<std::size_t>(thumbnail_.width * thumbnail_.height);
    sums_.resize(pixels * 3);
    counts_.resize(pixels);
  }

  void add_to_thumbnail(std::int64_t column, std::int64_t row, std::span<const std::byte> pixels) {
    for (std::int64_t y = 0; y < std::min(kTile, spec_.height - row * kTile); ++y)
      for (std::int64_t x = 0; x < std::min(kTile, spec_.width - column * kTile); ++x) {
        const auto to =
            static_cast<std::size_t>((row * kTile + y) / thumbnail_step_ * thumbnail_.width +
                                     (column * kTile + x) / thumbnail_step_);
        ++counts_[to];
        for (std::size_t c = 0; c < 3; ++c)
          sums_[to * 3 + c] += std::to_integer<std::uint64_t>(
              pixels[static_cast<std::size_t>(y * kTile + x) * 3 + c]);
      }
  }

  void write_thumbnail() {
    set_image(thumbnail_);
    set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    set(TIFFTAG_COMPRESSION, COMPRESSION_LZW);
    set(TIFFTAG_ROWSPERSTRIP, 16U);
    set(TIFFTAG_IMAGEDESCRIPTION,
        fmt::format("Aperio Image Library v12.0.0\r\n{}x{} -> {}x{} ", spec_.width, spec_.height,
                    thumbnail_.width, thumbnail_.height)
            .c_str());
    std::vector<std::uint8_t> line(static_cast<std::size_t>(thumbnail_.width * 3));
    for (std::int64_t y = 0; y < thumbnail_.height; ++y) {
      for (std::size_t i = 0; i < line.size(); ++i) {
        const auto from = static_cast<std::size_t>(y * thumbnail_.width) * 3 + i;
        const auto count = std::max<std::uint64_t>(1, counts_[from / 3]);
        line[i] = static_cast<std::uint8_t>((sums_[from] + count / 2) / count);
      }
      if (TIFFWriteScanline(out_->get(), line.data(), static_cast<std::uint32_t>(y), 0) < 0)
        out_->fail("writing the thumbnail");
    }
    end_level();
  }

  std::filesystem::path file_;
  PyramidSpec spec_;
  std::optional<Handle> out_;
  std::vector<std::byte> tile_;
  Size thumbnail_;
  std::int64_t thumbnail_step_ = 1;
  std::vector<std::uint64_t> sums_;
  std::vector<std::uint64_t> counts_;
};

PyramidWriter::PyramidWriter(const std::filesystem::path& file, const PyramidSpec& spec)
    : impl_(std::make_unique<Impl>(file, spec)) {}
PyramidWriter::PyramidWriter(PyramidWriter&&) noexcept = default;
PyramidWriter& PyramidWriter::operator=(PyramidWriter&&) noexcept = default;
PyramidWriter::~PyramidWriter() = default;

std::int64_t PyramidWriter::columns() const { return tiles(impl_->spec().width); }
std::int64_t PyramidWriter::rows() const { return tiles(impl_->spec().height); }
std::size_t PyramidWriter::tile_bytes() const { return impl_->tile_bytes(); }

void PyramidWriter::write_tile(std::int64_t column,
                               std::int64_t row,
                               std::span<const std::byte> pixels) {
  impl_->write_base(column, row, pixels);
}

void PyramidWriter::finish() { impl_->finish(); }

}  // namespace mito::tiff
