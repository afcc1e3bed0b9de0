#include "nodes/slides/tissue_mask/tissue_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/image/components.h"
#include "engine/image/otsu.h"
#include "nodes/slides/tissue_mask/contrast.h"
#include "nodes/slides/tissue_mask/glass.h"

namespace mito::tissue_mask {
namespace {

constexpr int kUnscanned = 5;  // scanners leave areas they skipped (nearly) black

/// 255 * (max - min) / max, rounded; 0 for black.
std::uint8_t saturation(const std::uint8_t* rgb) {
  const int high = std::max({rgb[0], rgb[1], rgb[2]});
  const int low = std::min({rgb[0], rgb[1], rgb[2]});
  if (high == 0) return 0;
  return static_cast<std::uint8_t>((510 * (high - low) + high) / (2 * high));
}

bool is_scanned(const std::uint8_t* rgb) {
  return rgb[0] > kUnscanned || rgb[1] > kUnscanned || rgb[2] > kUnscanned;
}

bool on_border(const Rect& box, const image::Gray& mask) {
  return box.x == 0 || box.y == 0 || box.x + box.width == mask.width ||
         box.y + box.height == mask.height;
}

/// Sets the pixels of chosen components to `value`.
template <class Choose>
void repaint(image::Gray& mask,
             const image::Components& components,
             std::uint8_t value,
             Choose&& chosen) {
  std::vector<char> paint(components.items.size() + 1, 0);
  for (std::size_t k = 0; k < components.items.size(); ++k)
    paint[k + 1] = chosen(components.items[k]) ? 1 : 0;
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    if (paint[static_cast<std::size_t>(components.labels[i])] != 0) mask.pixels[i] = value;
  }
}

std::vector<Ground> ground_of(const image::Gray& tissue) {
  std::vector<Ground> ground;
  ground.reserve(tissue.pixels.size());
  for (const auto pixel : tissue.pixels)
    ground.push_back(pixel != 0 ? Ground::Tissue : Ground::Glass);
  return ground;
}

/// A threshold in a hill of the histogram, not in a valley, cuts through one kind of ground.
std::string doubt_of(const std::array<std::int64_t, 256>& histogram, double threshold) {
  std::int64_t near = 0;
  std::int64_t all = 0;
  for (std::size_t value = 0; value < histogram.size(); ++value) {
    all += histogram[value];
    if (std::abs(static_cast<double>(value) - threshold) <= 0.1 * threshold)
      near += histogram[value];
  }
  const double share = all == 0 ? 0 : static_cast<double>(near) / static_cast<double>(all);
  if (share <= 0.05) return "";
  return fmt::format("{:.1f} % of the slide is within a tenth of the threshold on saturation",
                     100 * share);
}

}  // namespace

image::Gray clean_regions(const image::Gray& mask, double min_region_px, double max_hole_px) {
  image::Gray out = mask;
  repaint(out, image::label_components(out.pixels, out.width, out.height, 8), 0,
          [&](const image::Component& region) {
            return image::bounding_diagonal(region) <= min_region_px;
          });
  image::Gray background = out;
  for (auto& pixel : background.pixels) pixel = pixel == 0 ? 1 : 0;
  repaint(out, image::label_components(background.pixels, out.width, out.height, 4), 1,
          [&](const image::Component& hole) {
            return !on_border(hole.bounds, out) && image::bounding_diagonal(hole) <= max_hole_px;
          });
  return out;
}

TissueMask measured(std::vector<Ground> ground, const Grid& grid, double threshold) {
  TissueMask out;
  out.grid = grid;
  out.tissue.reserve(ground.size());
  out.ground.reserve(ground.size());
  for (const Ground kind : ground) {
    out.tissue.push_back(kind == Ground::Tissue ? 1 : 0);
    out.ground.push_back(static_cast<std::uint8_t>(kind));
  }
  out.regions = static_cast<std::int64_t>(
      image::label_components(out.tissue, grid.width, grid.height, 8).items.size());
  out.area_mm2 = out.area_of(Ground::Tissue);
  out.threshold = threshold;
  return out;
}

TissueMask measured(const image::Gray& tissue, const Grid& grid, double threshold) {
  return measured(ground_of(tissue), grid, threshold);
}

TissueMask by_saturation(std::span<const std::uint8_t> rgb,
                         const Grid& grid,
                         const Params& params) {
  const auto count = static_cast<std::size_t>(grid.width * grid.height);
  if (rgb.size() != 3 * count) throw DataError("the thumbnail does not match its grid");

  image::Gray saturations{grid.width, grid.height, std::vector<std::uint8_t>(count)};
  for (std::size_t i = 0; i < count; ++i) saturations.pixels[i] = saturation(&rgb[3 * i]);
  saturations = image::median3(saturations);

  std::array<std::int64_t, 256> histogram{};
  for (std::size_t i = 0; i < count; ++i) {
    if (is_scanned(&rgb[3 * i])) ++histogram[saturations.pixels[i]];
  }
  const double threshold =
      std::max(static_cast<double>(image::otsu_threshold(histogram)), params.s_floor);

  image::Gray mask{grid.width, grid.height, std::vector<std::uint8_t>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    mask.pixels[i] = is_scanned(&rgb[3 * i]) && saturations.pixels[i] > threshold ? 1 : 0;
  }
  mask = image::close_disc(mask, params.closing_um / grid.mpp);
  mask = image::open_disc(mask, params.opening_um / grid.mpp);
  mask = clean_regions(mask, params.min_region_um / grid.mpp, params.max_hole_um / grid.mpp);
  auto ground = ground_of(mask);
  for (std::size_t i = 0; i < count; ++i)
    if (ground[i] == Ground::Glass && !is_scanned(&rgb[3 * i])) ground[i] = Ground::Unscanned;
  TissueMask out = measured(std::move(ground), grid, threshold);
  out.doubt = doubt_of(histogram, threshold);
  return out;
}

TissueMask find(const Slide& slide, const Params& params) {
  const Grid grid = slide.grid(params.mpp);
  if (params.method == "auto") return by_glass(look_at(slide, grid), params);
  const auto rgb = slide.read(grid, grid.bounds());
  return params.method == "otsu" ? by_saturation(rgb, grid, params)
                                 : by_contrast(rgb, grid, params);
}

namespace {

/// Could `size` pixels, give or take one, be `whole` at a scale from `low` to `high`? Narrows them.
bool narrow(double whole, std::int64_t size, double& low, double& high) {
  const auto pixels = static_cast<double>(size);
  low = std::max(low, whole / (pixels + 1));
  if (size > 1) high = std::min(high, whole / (pixels - 1));
  return low <= high;
}

bool have_one_shape(const image::Gray& file, double width, double height) {
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
  return narrow(width, file.width, low, high) && narrow(height, file.height, low, high);
}

}  // namespace

TissueMask from_file(const image::Gray& file,
                     std::int64_t slide_width,
                     std::int64_t slide_height,
                     const Grid& grid) {
  if (file.pixels.empty()) throw DataError("the mask file has no pixels");
  const auto width = static_cast<double>(slide_width);
  const auto height = static_cast<double>(slide_height);
  // Of a slide whose pixels are not square the mask may have either shape.
  if (!have_one_shape(file, width, height) &&
      !have_one_shape(file, width / grid.scale_x, height / grid.scale_y))
    throw DataError(fmt::format(
        "the mask file has {} x {} px, another shape than the slide's {} x {} px: expected a mask "
        "of the whole slide",
        file.width, file.height, slide_width, slide_height));
  image::Gray mask{grid.width, grid.height, {}};
  mask.pixels.reserve(static_cast<std::size_t>(grid.width * grid.height));
  // The file's pixel that holds the centre of a mask pixel, both laid over the whole slide.
  const auto source = [](std::int64_t pixel, double scale, std::int64_t slide, std::int64_t size) {
    const double level0 = (static_cast<double>(pixel) + 0.5) * scale;
    const double at = std::floor(level0 * static_cast<double>(size) / static_cast<double>(slide));
    return at >= 0 && at < static_cast<double>(size) ? static_cast<std::int64_t>(at) : -1;
  };
  std::vector<std::int64_t> columns;
  for (std::int64_t x = 0; x < grid.width; ++x)
    columns.push_back(source(x, grid.scale_x, slide_width, file.width));
  for (std::int64_t y = 0; y < grid.height; ++y) {
    const auto row = source(y, grid.scale_y, slide_height, file.height);
    for (const auto column : columns) {
      const bool inside = row >= 0 && column >= 0;
      mask.pixels.push_back(
          inside && file.pixels[static_cast<std::size_t>(row * file.width + column)] != 0 ? 1 : 0);
    }
  }
  return measured(mask, grid, std::numeric_limits<double>::quiet_NaN());
}

}  // namespace mito::tissue_mask
