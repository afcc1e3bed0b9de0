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
#include "engine/slide/content.h"
#include "engine/slide/overlap.h"
#include "engine/slide/pixel_source.h"
#include "engine/slide/resample.h"
#include "engine/tiff/resolution.h"

namespace mito {
namespace {

constexpr double kNativeTolerance = 0.05;  // of 0.25 um/px: the slide's own pixels are used
constexpr double kAnisotropyTolerance = 0.01;
constexpr double kCoarsest = 0.35;  // um/px
constexpr double kExact = 1e-9;
constexpr std::int64_t kBlockPixels = 1 << 20;  // source pixels resampled at once

using Properties = std::map<std::string, std::string>;

std::optional<double> number(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end()) return std::nullopt;
  double value = 0;
  const auto& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !(value > 0) || !std::isfinite(value)) return std::nullopt;
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
  if (auto source = slide::open_with_openslide(path))
    return slide::with_jpeg_tiles(path, std::move(source));
  if (auto source = slide::open_as_image(path)) return source;
  throw DataError(path.string() +
                  ": not a slide that OpenSlide knows, nor a PNG, JPEG or TIFF image; is the file "
                  "complete?");
}

void set_resolution(SlideInfo& info, double x, double y, std::string source) {
  info.mpp_x = x;
  info.mpp_y = y;
  info.mpp_source = std::move(source);
}

void find_resolution(SlideInfo& info, const Properties& header, const SlideOptions& options) {
  const auto mpp_x = number(header, "openslide.mpp-x");
  const auto mpp_y = number(header, "openslide.mpp-y");
  if (mpp_x && mpp_y) return set_resolution(info, *mpp_x, *mpp_y, "openslide.mpp-x");

  std::optional<tiff::Resolution> tags;
  if (header.empty()) {
    tags = tiff::read_resolution(info.path);
  } else if (const auto x = number(header, "tiff.XResolution")) {
    const auto unit = header.find("tiff.ResolutionUnit");
    tags = tiff::resolution_of(*x, number(header, "tiff.YResolution").value_or(*x),
                               unit == header.end() ? "" : unit->second);
  }
  if (tags) return set_resolution(info, tags->mpp_x, tags->mpp_y, "tiff resolution");

  const auto power = number(header, "openslide.objective-power");
  if (power && options.allow_objective_power)
    return set_resolution(info, 10 / *power, 10 / *power, "objective power");
  if (options.assume_mpp)
    return set_resolution(info, *options.assume_mpp, *options.assume_mpp, "assume_mpp");
  throw DataError(fmt::format(
      "{}: no resolution in the file; give it with --set slide.assume_mpp=0.25 (um per pixel){}",
      info.path.string(),
      power
          ? fmt::format(
                ", or accept 10 / objective power = {} with --set slide.allow_objective_power=true",
                number_text(10 / *power))
          : ""));
}

void check_resolution(const SlideInfo& info, const SlideOptions& options) {
  const double mean = (info.mpp_x + info.mpp_y) / 2;
  if (!options.allow_anisotropic && std::abs(info.mpp_x - info.mpp_y) > kAnisotropyTolerance * mean)
    throw DataError(fmt::format(
        "{}: resolution differs between x ({} um/px) and y ({} um/px) by more than 1 %, from {}; "
        "accept it with --set slide.allow_anisotropic=true",
        info.path.string(), number_text(info.mpp_x), number_text(info.mpp_y), info.mpp_source));
  if (!options.allow_upsampling && std::max(info.mpp_x, info.mpp_y) > kCoarsest)
    throw DataError(fmt::format(
        "{}: resolution too low: {} um/px (from {}), but mitoses are sought at {} um/px and more "
        "than {} is refused; accept it with --set slide.allow_upsampling=true",
        info.path.string(), number_text(std::max(info.mpp_x, info.mpp_y)), info.mpp_source,
        number_text(kAnalysisMpp), number_text(kCoarsest)));
}

std::string identity_of(const std::filesystem::path& path, FileDigests* known) {
  if (known != nullptr) return slide::content_digest(path, *known);
  FileDigests nothing;
  return slide::content_digest(path, nothing);
}

Grid make_analysis_grid(const SlideInfo& info) {
  const auto near = [](double mpp) {
    return std::abs(mpp / kAnalysisMpp - 1) <= kNativeTolerance + kExact;
  };
  if (near(info.mpp_x) && near(info.mpp_y))
    return {1, 1, (info.mpp_x + info.mpp_y) / 2, info.width, info.height};
  Grid grid{kAnalysisMpp / info.mpp_x, kAnalysisMpp / info.mpp_y, kAnalysisMpp, 0, 0};
  const auto whole = [](std::int64_t size, double scale) {
    return std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::floor(static_cast<double>(size) / scale + kExact)));
  };
  grid.width = whole(info.width, grid.scale_x);
  grid.height = whole(info.height, grid.scale_y);
  return grid;
}

}  // namespace

class Slide::Impl {
 public:
  Impl(const std::filesystem::path& path, const SlideOptions& options)
      : source_(open_source(path)) {
    const Properties header = source_->properties();
    info_.path = path;
    info_.name = path.stem().string();
    info_.vendor = source_->vendor();
    info_.levels = static_cast<int>(source_->levels().size());
    info_.width = source_->levels().front().width;
    info_.height = source_->levels().front().height;
    find_resolution(info_, header, options);
    check_resolution(info_, options);
    info_.identity = identity_of(path, options.digests);
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
    auto pixels = read_raw(grid, area);
    for (const auto& recolouring : recolourings_) recolour(*recolouring, grid, area, pixels);
    return pixels;
  }

 private:
  std::vector<std::uint8_t> read_raw(const Grid& grid, const Rect& area) const {
    std::vector<std::uint8_t> out(static_cast<std::size_t>(area.width * area.height * 3), 255);
    if (std::abs(grid.scale_x - 1) < kExact && std::abs(grid.scale_y - 1) < kExact) {
      copy(0, area, out.data());
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
        resample(level, block, scale_x, scale_y, out.data() + (y * area.width + x) * 3,
                 area.width * 3);
      }
    return out;
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

  /// Pixels of a level; white outside of it. `rgb` starts out white.
  void copy(int level, const Rect& area, std::uint8_t* rgb) const {
    const auto& size = source_->levels()[static_cast<std::size_t>(level)];
    const std::int64_t left = std::max<std::int64_t>(area.x, 0);
    const std::int64_t top = std::max<std::int64_t>(area.y, 0);
    const Rect inside{left, top, std::min(area.x + area.width, size.width) - left,
                      std::min(area.y + area.height, size.height) - top};
    if (inside.width <= 0 || inside.height <= 0) return;
    if (inside == area) return source_->read(level, area, rgb);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(inside.width * inside.height * 3));
    source_->read(level, inside, pixels.data());
    slide::copy_overlap(pixels.data(), inside, rgb, area);
  }

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
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(source.width * source.height * 3),
                                     255);
    copy(level, source, pixels.data());
    slide::resample(pixels.data(), source.width, source.x, source.y, columns, rows, out,
                    out_stride);
  }

  std::shared_ptr<const slide::PixelSource> source_;
  SlideInfo info_;
  Grid analysis_;
  std::vector<std::shared_ptr<const slide::Recolouring>> recolourings_;
};

Slide::Slide(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Slide Slide::open(const std::filesystem::path& path, const SlideOptions& options) {
  return Slide(std::make_shared<const Impl>(path, options));
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

}  // namespace mito
