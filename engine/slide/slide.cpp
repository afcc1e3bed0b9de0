#include "engine/slide/slide.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/slide/black_areas.h"
#include "engine/slide/content.h"
#include "engine/slide/copied_source.h"
#include "engine/slide/mirrored.h"
#include "engine/slide/overlap.h"
#include "engine/slide/pixel_size.h"
#include "engine/slide/pixel_source.h"
#include "engine/slide/resample.h"
#include "engine/slide/tiff_checks.h"
#include "engine/tiff/directory.h"

namespace mito {
namespace {

constexpr double kNativeTolerance = 0.05;  // of 0.25 um/px: the slide's own pixels are used
constexpr double kExact = 1e-9;
constexpr std::int64_t kBlockPixels = 1 << 20;  // source pixels resampled at once

using Properties = std::map<std::string, std::string>;

std::optional<std::int64_t> integer(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end()) return std::nullopt;
  std::int64_t value = 0;
  const auto& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

std::unique_ptr<slide::PixelSource> open_source(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw DataError(path.string() + ": no such file");
  if (std::filesystem::is_directory(status))
    throw DataError(path.string() + ": is a folder, expected a slide");
  if (std::filesystem::file_size(path, error) == 0 && !error)
    throw DataError(path.string() + ": the file is empty");
  if (auto source = slide::open_with_openslide(path)) {
    if (source->vendor() == "generic-tiff") slide::check_companions(path);
    if (source->vendor() == "generic-tiff")
      if (auto pyramid = slide::open_tiff_pyramid(path)) return pyramid;
    return slide::with_tiff_tiles(path, std::move(source));
  }
  slide::check_companions(path);
  slide::check_format(path);
  if (auto pyramid = slide::open_tiff_pyramid(path)) return pyramid;
  if (auto source = slide::open_as_image(path)) return source;
  throw DataError(path.string() +
                  ": not a slide that OpenSlide knows, nor a PNG, JPEG or TIFF image; is the file "
                  "complete?");
}

/// The scanned part of level 0; all of it where the header does not say, or makes no sense.
Rect bounds_of(const Properties& header, std::int64_t width, std::int64_t height) {
  const Rect whole{0, 0, width, height};
  const auto x = integer(header, "openslide.bounds-x");
  const auto y = integer(header, "openslide.bounds-y");
  const auto across = integer(header, "openslide.bounds-width");
  const auto down = integer(header, "openslide.bounds-height");
  if (!x || !y || !across || !down) return whole;
  const Rect inside = slide::common({*x, *y, *across, *down}, whole);
  return inside.width > 0 && inside.height > 0 ? inside : whole;
}

/// The pages of a TIFF that holds nothing but TIFF: what other formats make of tags is OpenSlide's
/// matter. Throws DataError when it would be read wrongly.
std::vector<tiff::Directory> pages_of(const std::filesystem::path& path, const SlideInfo& info) {
  if (info.vendor == "tiff-pyramid") {
    auto images = slide::pyramid_images(path);
    slide::check_tiff(path, images, info.width);
    return images;
  }
  if (info.vendor != "image" && info.vendor != "generic-tiff" && info.vendor != "aperio") return {};
  auto pages = tiff::directories(path);
  if (info.vendor != "image") slide::check_tiff(path, pages, info.width);
  return pages;
}

std::string identity_of(const std::filesystem::path& path, FileDigests* known) {
  if (known != nullptr) return slide::content_digest(path, *known);
  FileDigests nothing;
  return slide::content_digest(path, nothing);
}

LocalCopies::Held copy_of(const std::filesystem::path& path, LocalCopies* copies) {
  std::error_code missing;
  if (copies == nullptr || !std::filesystem::is_regular_file(path, missing)) return nullptr;
  return copies->take(slide::files_of(path));
}

/// Pixels of a grid that lie wholly on a slide, at least one.
std::int64_t whole_pixels(std::int64_t size, double scale) {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::floor(static_cast<double>(size) / scale + kExact)));
}

Grid make_analysis_grid(const SlideInfo& info) {
  const auto near = [](double mpp) {
    return std::abs(mpp / kAnalysisMpp - 1) <= kNativeTolerance + kExact;
  };
  if (near(info.mpp_x) && near(info.mpp_y))
    return {1, 1, (info.mpp_x + info.mpp_y) / 2, info.width, info.height};
  Grid grid{kAnalysisMpp / info.mpp_x, kAnalysisMpp / info.mpp_y, kAnalysisMpp, 0, 0};
  grid.width = whole_pixels(info.width, grid.scale_x);
  grid.height = whole_pixels(info.height, grid.scale_y);
  return grid;
}

}  // namespace

class Slide::Impl {
 public:
  /// `copy`: of the slide `path`, read in its stead; or null.
  Impl(const std::filesystem::path& path, const SlideOptions& options, LocalCopies::Held copy) {
    const auto at = copy == nullptr ? path : copy->file();
    auto source = open_source(at);
    const Properties header = source->properties();
    info_.path = path;
    info_.tissue = options.tissue;
    info_.name = utf8_text(path.stem().string());
    info_.vendor = source->vendor();
    info_.levels = static_cast<int>(source->levels().size());
    info_.width = source->levels().front().width;
    info_.height = source->levels().front().height;
    info_.bounds = bounds_of(header, info_.width, info_.height);
    const auto pages = pages_of(at, info_);
    if (copy != nullptr) source = slide::read_from_copy(std::move(source), std::move(copy), path);
    slide::find_resolution(info_, header, pages, options);
    source_ = slide::without_black_areas(std::move(source), info_.mpp_x, info_.mpp_y);
    beyond_ = options.beyond;
    info_.identity = slide::identity(at, identity_of(path, options.digests), beyond_);
    analysis_ = make_analysis_grid(info_);
  }

  /// `raw` in other colours; shares its open file.
  Impl(const Impl& raw, std::shared_ptr<const slide::Recolouring> recolouring) : Impl(raw) {
    info_.identity = fmt::format("{}+{}", raw.info_.identity, recolouring->identity());
    recolourings_.push_back(std::move(recolouring));
  }

  const SlideInfo& info() const { return info_; }
  const Grid& analysis_grid() const { return analysis_; }

  std::vector<std::uint8_t> read(const Grid& grid, const Rect& area) const {
    if (beyond_ == Beyond::Mirrored)
      return slide::read_mirrored(extent_on(grid), area,
                                  [&](const Rect& inside) { return read_once(grid, inside); });
    return read_once(grid, area);
  }

  std::vector<std::uint8_t> scanned(const Grid& grid, const Rect& area) const {
    return read_raw<Plane::Scanned>(grid, area);
  }

 private:
  enum class Plane : std::uint8_t { Rgb = 3, Scanned = 1 };  ///< Samples of a pixel.

  /// White off the slide, whatever lies beyond it.
  std::vector<std::uint8_t> read_once(const Grid& grid, const Rect& area) const {
    auto pixels = read_raw<Plane::Rgb>(grid, area);
    for (const auto& recolouring : recolourings_) recolour(*recolouring, grid, area, pixels);
    return pixels;
  }

  /// The pixels of a grid that lie wholly on the slide.
  Rect extent_on(const Grid& grid) const {
    return {0, 0, whole_pixels(info_.width, grid.scale_x),
            whole_pixels(info_.height, grid.scale_y)};
  }

  template <Plane kPlane>
  std::vector<std::uint8_t> read_raw(const Grid& grid, const Rect& area) const {
    constexpr auto kChannels = static_cast<std::int64_t>(kPlane);
    std::vector<std::uint8_t> out = blank<kPlane>(area.width * area.height);
    if (std::abs(grid.scale_x - 1) < kExact && std::abs(grid.scale_y - 1) < kExact) {
      copy<kPlane>(0, area, out.data());
      if (kPlane == Plane::Scanned) to_marks(out);
      return out;
    }
    const int level = level_for(grid);
    const auto& size = source_->levels()[static_cast<std::size_t>(level)];
    const double scale_x = grid.scale_x / size.ratio_x;
    const double scale_y = grid.scale_y / size.ratio_y;
    const auto fit = [](double pixels) {
      return std::max<std::int64_t>(1, static_cast<std::int64_t>(pixels));
    };
    const std::int64_t columns = fit(2048 / std::max(scale_x, 1.0));
    const std::int64_t rows =
        fit(kBlockPixels / (static_cast<double>(columns) * scale_x + 2) / std::max(scale_y, 1.0));
    for (std::int64_t y = 0; y < area.height; y += rows)
      for (std::int64_t x = 0; x < area.width; x += columns) {
        const Rect block{area.x + x, area.y + y, std::min(columns, area.width - x),
                         std::min(rows, area.height - y)};
        resample<kPlane>(level, block, scale_x, scale_y,
                         out.data() + (y * area.width + x) * kChannels, area.width * kChannels);
      }
    if (kPlane == Plane::Scanned) to_marks(out);
    return out;
  }

  /// What there is off the slide: white, or not scanned.
  template <Plane kPlane>
  static std::vector<std::uint8_t> blank(std::int64_t pixels) {
    return std::vector<std::uint8_t>(
        static_cast<std::size_t>(pixels * static_cast<std::int64_t>(kPlane)),
        kPlane == Plane::Rgb ? std::uint8_t{255} : std::uint8_t{0});
  }

  /// From the share of a pixel that was scanned, 0 to 255, to 1 where that is half of it or more.
  static void to_marks(std::vector<std::uint8_t>& shares) {
    for (auto& share : shares) share = share >= 128 ? 1 : 0;
  }

  void recolour(const slide::Recolouring& recolouring,
                const Grid& grid,
                const Rect& area,
                std::vector<std::uint8_t>& pixels) const {
    const auto end = [](std::int64_t size, double scale) {  // pixels with their centre before it
      return static_cast<std::int64_t>(std::ceil(static_cast<double>(size) / scale - 0.5));
    };
    const std::int64_t left = std::max<std::int64_t>(area.x, 0);
    const std::int64_t right = std::min(area.x + area.width, end(info_.width, grid.scale_x));
    const std::int64_t top = std::max<std::int64_t>(area.y, 0);
    const std::int64_t bottom = std::min(area.y + area.height, end(info_.height, grid.scale_y));
    if (left >= right || top >= bottom) return;
    const std::span<std::uint8_t> all(pixels);
    if (right - left == area.width)  // whole rows
      return recolouring.apply(
          all.subspan(static_cast<std::size_t>((top - area.y) * area.width * 3),
                      static_cast<std::size_t>((bottom - top) * area.width * 3)));
    for (std::int64_t y = top; y < bottom; ++y)
      recolouring.apply(
          all.subspan(static_cast<std::size_t>(((y - area.y) * area.width + left - area.x) * 3),
                      static_cast<std::size_t>((right - left) * 3)));
  }

  /// The coarsest level that is not coarser than the grid.
  int level_for(const Grid& grid) const {
    int best = 0;
    const auto& levels = source_->levels();
    for (std::size_t i = 1; i < levels.size(); ++i)
      if (levels[i].ratio_x <= grid.scale_x * (1 + kExact) &&
          levels[i].ratio_y <= grid.scale_y * (1 + kExact))
        best = static_cast<int>(i);
    return best;
  }

  /// Pixels of a level, or 255 for each that was scanned, into `out`, which starts out blank.
  template <Plane kPlane>
  void copy(int level, const Rect& area, std::uint8_t* out) const {
    const auto& size = source_->levels()[static_cast<std::size_t>(level)];
    const Rect inside = slide::common(area, {0, 0, size.width, size.height});
    if (inside.width <= 0 || inside.height <= 0) return;
    if (kPlane == Plane::Rgb && inside == area) return source_->read(level, area, out, nullptr);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(inside.width * inside.height * 3));
    if constexpr (kPlane == Plane::Rgb) {
      source_->read(level, inside, pixels.data(), nullptr);
      slide::copy_overlap(pixels.data(), inside, out, area);
    } else {
      std::vector<std::uint8_t> marks(pixels.size() / 3);
      source_->read(level, inside, pixels.data(), marks.data());
      for (auto& mark : marks) mark = mark != 0 ? 255 : 0;
      slide::clear_outside(bounds_on(size), marks.data(), inside);
      slide::copy_overlap(marks.data(), inside, out, area, 1);
    }
  }

  /// The bounds in pixels of a level.
  Rect bounds_on(const slide::Level& level) const {
    const auto left = std::llround(static_cast<double>(info_.bounds.x) / level.ratio_x);
    const auto top = std::llround(static_cast<double>(info_.bounds.y) / level.ratio_y);
    const auto& b = info_.bounds;
    return {left, top, std::llround(static_cast<double>(b.x + b.width) / level.ratio_x) - left,
            std::llround(static_cast<double>(b.y + b.height) / level.ratio_y) - top};
  }

  template <Plane kPlane>
  void resample(int level,
                const Rect& block,
                double scale_x,
                double scale_y,
                std::uint8_t* out,
                std::int64_t out_stride) const {
    const auto columns = slide::taps(block.x, block.width, scale_x);
    const auto rows = slide::taps(block.y, block.height, scale_y);
    const auto end = [](const slide::Taps& last) {
      return last.first + static_cast<std::int64_t>(last.weights.size());
    };
    const Rect source{columns.front().first, rows.front().first,
                      end(columns.back()) - columns.front().first,
                      end(rows.back()) - rows.front().first};
    std::vector<std::uint8_t> pixels = blank<kPlane>(source.width * source.height);
    copy<kPlane>(level, source, pixels.data());
    slide::resample(pixels.data(), source.width, source.x, source.y, columns, rows, out, out_stride,
                    static_cast<int>(kPlane));
  }

  std::shared_ptr<const slide::PixelSource> source_;
  SlideInfo info_;
  Beyond beyond_ = Beyond::White;
  Grid analysis_;
  std::vector<std::shared_ptr<const slide::Recolouring>> recolourings_;
};

Slide::Slide(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Slide Slide::open(const std::filesystem::path& path, const SlideOptions& options) {
  if (auto copy = copy_of(path, options.copies)) {
    try {
      return Slide(std::make_shared<const Impl>(path, options, std::move(copy)));
    } catch (const DataError&) {  // the slide itself says why
    }
  }
  return Slide(std::make_shared<const Impl>(path, options, nullptr));
}

Slide Slide::recoloured(std::shared_ptr<const slide::Recolouring> recolouring) const {
  return Slide(std::make_shared<const Impl>(*impl_, std::move(recolouring)));
}

const SlideInfo& Slide::info() const { return impl_->info(); }

const Grid& Slide::analysis_grid() const { return impl_->analysis_grid(); }

Grid Slide::grid(double mpp) const {
  Grid grid{mpp / info().mpp_x, mpp / info().mpp_y, mpp, 0, 0};
  const auto cover = [](std::int64_t size, double scale) {
    return std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::ceil(static_cast<double>(size) / scale - kExact)));
  };
  grid.width = cover(info().width, grid.scale_x);
  grid.height = cover(info().height, grid.scale_y);
  return grid;
}

std::vector<std::uint8_t> Slide::read(const Grid& grid, const Rect& area) const {
  return impl_->read(grid, area);
}

std::vector<std::uint8_t> Slide::scanned(const Grid& grid, const Rect& area) const {
  return impl_->scanned(grid, area);
}

}  // namespace mito
