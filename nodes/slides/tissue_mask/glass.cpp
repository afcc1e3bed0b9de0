#include "nodes/slides/tissue_mask/glass.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/image/components.h"
#include "engine/stats/percentile.h"

namespace mito::tissue_mask {
namespace {

constexpr int kBright = 200;        // in every channel: what may be glass (method 2.1)
constexpr float kEven = 0.8F;       // of the brightest of clean glass; pale stroma has 1 to 4
constexpr float kRough = 2.0F;      // that no glass has, dust on it included
constexpr float kSmudgeOd = 0.13F;  // even and colourless up to here: shadows, smeared glass
constexpr float kSmudgeColour = 0.035F;
constexpr double kMostlyTissue = 0.89;   // share of a picture from which on it may be a field
constexpr double kField = 0.95;          // and from which on it has no background
constexpr double kInkUm = 16;            // radius of the disc that fits into a stroke of pen
constexpr double kInkEdgeUm = 48;        // how far the fading edge of a stroke reaches
constexpr int kUnlit = 5;                // up to here in every channel no light came through
constexpr float kFlat = 0.25F;           // spread of a painted area
constexpr int kNeutral = 10;             // between the channels of glass beside white paint
constexpr double kPaintedUm = 100;       // its least diagonal
constexpr std::int64_t kBandRows = 128;  // mask rows read at once: 512 finer ones

/// Colour of a pixel as optical densities against the slide's white (method 3.1).
struct Colour {
  float mean = 0;  ///< Of the densities above 0.
  float cx = 0;    ///< Chromaticity: absorbs red more than the rest.
  float cy = 0;    ///< Chromaticity: absorbs green more than blue.
  float grey() const { return std::hypot(cx, cy); }
};

/// How dense the brightest part of a pixel is.
struct Veil {
  float densest = 0;  ///< Of the three channels; below 0: brighter than white.
  float range = 0;    ///< Densest minus thinnest channel.
};

using White = std::array<double, 3>;

std::array<double, 3> densities(const std::uint8_t* rgb, const White& white) {
  std::array<double, 3> od{};
  for (std::size_t c = 0; c < 3; ++c) od[c] = -std::log(std::max<double>(rgb[c], 1) / white[c]);
  return od;
}

Colour colour_of(const std::uint8_t* rgb, const White& white) {
  auto od = densities(rgb, white);
  for (auto& value : od) value = std::max(value, 0.0);
  const double mean = (od[0] + od[1] + od[2]) / 3;
  if (mean <= 0) return {};
  return {static_cast<float>(mean), static_cast<float>(od[0] / mean - 1),
          static_cast<float>((od[1] - od[2]) / (std::sqrt(3.0) * mean))};
}

Veil veil_of(const std::uint8_t* rgb, const White& white) {
  const auto od = densities(rgb, white);
  const auto [low, high] = std::ranges::minmax(od);
  return {static_cast<float>(high), static_cast<float>(high - low)};
}

// Limits by the colours of 17 laboratories' H&E and of DAB (docs/tissue.md): none of their tissue
// fills a disc of kInkUm with such pixels.
bool is_blue_or_green(const Colour& c) { return c.cx > 0.42F && c.mean > 0.1F; }
bool is_yellow(const Colour& c) { return c.cy < -0.42F && c.mean > 0.1F; }
bool is_red(const Colour& c) { return c.cx < -0.7F && c.cy < 0.45F && c.mean > 0.75F; }
bool is_black(const Colour& c) { return c.grey() < 0.25F && c.mean > 0.9F; }
bool is_edge_of_ink(const Colour& c) {
  return c.mean > 0.9F ||
         (c.mean > 0.05F && (c.cx > 0.3F || c.cy < -0.35F || (c.grey() < 0.12F && c.mean > 0.3F) ||
                             (c.cx < -0.7F && c.cy < 0.3F && c.mean > 0.45F)));
}
// Ink of any colour, violet and pink included, has no cells in it.
bool is_smooth(const Colour& c, float spread) { return c.mean > 0.4F && spread < 3; }

/// Everything the decisions below look at, per pixel.
struct Scene {
  const View& view;
  bool has_glass = false;
  White white{};
  std::vector<Colour> colours;  ///< Of whole pixels.
  std::vector<Veil> veils;      ///< Of their brightest part.

  std::size_t size() const { return colours.size(); }
  image::Gray blank() const {
    return {view.grid.width, view.grid.height, std::vector<std::uint8_t>(size())};
  }
  template <class Claim>
  image::Gray where(Claim&& claim) const {
    image::Gray out = blank();
    for (std::size_t i = 0; i < size(); ++i) out.pixels[i] = view.known[i] != 0 && claim(i) ? 1 : 0;
    return out;
  }
  double px(double um) const { return um / view.grid.mpp; }
};

Scene make_scene(const View& view) {
  Scene scene{view, false, {}, {}, {}};
  const auto white = white_point(view);
  scene.has_glass = white.has_value();
  if (white) {
    scene.white = *white;
  } else {  // the brightest there is stands in, so that colours can be told
    for (std::size_t c = 0; c < 3; ++c) {
      std::vector<double> values;
      for (std::size_t i = 0; i < view.known.size(); ++i)
        if (view.known[i] != 0) values.push_back(view.rgb[3 * i + c]);
      scene.white[c] =
          values.empty() ? 255 : std::max<double>(kBright, *stats::percentile(values, 99));
    }
  }
  scene.colours.reserve(view.known.size());
  scene.veils.reserve(view.known.size());
  for (std::size_t i = 0; i < view.known.size(); ++i) {
    scene.colours.push_back(colour_of(&view.rgb[3 * i], scene.white));
    scene.veils.push_back(veil_of(&view.bright[3 * i], scene.white));
  }
  return scene;
}

void add(image::Gray& to, const image::Gray& more) {
  for (std::size_t i = 0; i < to.pixels.size(); ++i) to.pixels[i] |= more.pixels[i];
}

void remove(image::Gray& from, const image::Gray& what) {
  for (std::size_t i = 0; i < from.pixels.size(); ++i)
    if (what.pixels[i] != 0) from.pixels[i] = 0;
}

/// The eight neighbours of what is set, where `may` allows it.
void grow(image::Gray& mask, const image::Gray& may, std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) {
    image::Gray next = image::dilate_square(mask);
    for (std::size_t i = 0; i < next.pixels.size(); ++i)
      next.pixels[i] = mask.pixels[i] != 0 || (next.pixels[i] != 0 && may.pixels[i] != 0) ? 1 : 0;
    if (next.pixels == mask.pixels) return;
    mask = std::move(next);
  }
}

/// Strokes of pen: regions of a colour or an evenness that no stained tissue has, with their edge.
image::Gray find_pen(const Scene& scene) {
  image::Gray pen = scene.blank();
  const auto strokes = [&](auto&& claim) {
    add(pen, image::open_disc(scene.where(claim), scene.px(kInkUm)));
  };
  strokes([&](std::size_t i) { return is_blue_or_green(scene.colours[i]); });
  strokes([&](std::size_t i) { return is_yellow(scene.colours[i]); });
  strokes([&](std::size_t i) { return is_red(scene.colours[i]); });
  strokes([&](std::size_t i) { return is_black(scene.colours[i]); });
  if (scene.view.resolved)
    strokes([&](std::size_t i) { return is_smooth(scene.colours[i], scene.view.spread[i]); });
  grow(pen, scene.where([&](std::size_t i) { return is_edge_of_ink(scene.colours[i]); }),
       std::llround(scene.px(kInkEdgeUm)));
  grow(pen, scene.where([](std::size_t) { return true; }), 1);
  return pen;
}

bool is_glass(const Veil& veil, float even, double limit) {
  const bool clear = static_cast<double>(veil.densest) < limit && even < kRough;
  const bool smudged = veil.densest < kSmudgeOd && veil.range < kSmudgeColour && even < kEven;
  return clear || smudged;
}

double share(const image::Gray& mask) {
  if (mask.pixels.empty()) return 0;
  return static_cast<double>(std::ranges::count(mask.pixels, 1)) /
         static_cast<double>(mask.pixels.size());
}

/// A picture that is nearly all tissue is a field: what its border cuts off is a lumen or a crack,
/// as it would be further inside; from kField on, whatever its size.
void fill_field(image::Gray& tissue, double max_hole_px) {
  const double before = share(tissue);
  if (before < kMostlyTissue) return;
  image::Gray holes = tissue;
  for (auto& pixel : holes.pixels) pixel = pixel == 0 ? 1 : 0;
  const auto found = image::label_components(holes.pixels, holes.width, holes.height, 4);
  const auto is_filled = [&](std::int32_t label) {
    if (label == 0 || before >= kField) return true;
    return image::bounding_diagonal(found.items[static_cast<std::size_t>(label - 1)]) <=
           max_hole_px;
  };
  for (std::size_t i = 0; i < tissue.pixels.size(); ++i)
    if (is_filled(found.labels[i])) tissue.pixels[i] = 1;
}

/// Regions without colour beside coloured tissue: dust, threads, the edge of the cover slip.
image::Gray find_debris(const Scene& scene, const image::Gray& tissue, const image::Gray& dark) {
  const auto found = image::label_components(tissue.pixels, tissue.width, tissue.height, 8);
  std::vector<std::pair<std::int64_t, std::int64_t>> counts(found.items.size() + 1);
  std::int64_t grey_pixels = 0;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < scene.size(); ++i) {
    if (found.labels[i] == 0 || dark.pixels[i] == 0) continue;
    auto& [grey, total] = counts[static_cast<std::size_t>(found.labels[i])];
    const bool is_grey = scene.colours[i].grey() < 0.12F;
    grey += is_grey ? 1 : 0;
    ++total;
    grey_pixels += is_grey ? 1 : 0;
    ++all;
  }
  image::Gray debris = scene.blank();
  if (5 * grey_pixels > all) return debris;  // the stain itself is grey, as blue beside brown
  for (std::size_t i = 0; i < scene.size(); ++i) {
    const auto& [grey, total] = counts[static_cast<std::size_t>(found.labels[i])];
    debris.pixels[i] = found.labels[i] != 0 && 2 * grey > total ? 1 : 0;
  }
  return debris;
}

/// Painted where nothing was scanned: black anywhere, and flat areas that reach the border and are
/// dark, or no glass.
image::Gray find_painted(const Scene& scene, double limit) {
  const auto& view = scene.view;
  const auto is_unlit = [&](std::size_t i) {
    return std::max({view.rgb[3 * i], view.rgb[3 * i + 1], view.rgb[3 * i + 2]}) <= kUnlit;
  };
  image::Gray flat = scene.where([&](std::size_t i) {
    const int least = std::min({view.rgb[3 * i], view.rgb[3 * i + 1], view.rgb[3 * i + 2]});
    const bool no_glass =
        least < kBright || (scene.has_glass && !is_glass(scene.veils[i], view.even[i], limit));
    return is_unlit(i) || (view.spread[i] < kFlat && no_glass);
  });
  const auto found = image::label_components(flat.pixels, flat.width, flat.height, 4);
  std::vector<char> is_painted(found.items.size() + 1, 0);
  for (std::size_t k = 0; k < found.items.size(); ++k) {
    const Rect& box = found.items[k].bounds;
    const bool reaches = box.x == 0 || box.y == 0 || box.x + box.width == flat.width ||
                         box.y + box.height == flat.height;
    is_painted[k + 1] =
        reaches && image::bounding_diagonal(found.items[k]) > scene.px(kPaintedUm) ? 1 : 0;
  }
  for (std::size_t i = 0; i < scene.size(); ++i)
    flat.pixels[i] =
        flat.pixels[i] != 0 &&
                (is_painted[static_cast<std::size_t>(found.labels[i])] != 0 || is_unlit(i))
            ? 1
            : 0;
  return flat;
}

/// Share of the edge between tissue and glass along which neither side is darker or rougher.
double even_edge(const Scene& scene, const image::Gray& tissue) {
  std::int64_t edge = 0;
  std::int64_t even = 0;
  const auto width = static_cast<std::size_t>(tissue.width);
  const auto pair = [&](std::size_t a, std::size_t b) {
    if (tissue.pixels[a] == tissue.pixels[b] || scene.view.known[a] == 0 ||
        scene.view.known[b] == 0)
      return;
    ++edge;
    const float step = std::abs(scene.veils[a].densest - scene.veils[b].densest);
    if (step < 0.02F && scene.view.even[a] < kEven && scene.view.even[b] < kEven) ++even;
  };
  for (std::size_t i = 0; i < tissue.pixels.size(); ++i) {
    if ((i + 1) % width != 0) pair(i, i + 1);
    if (i + width < tissue.pixels.size()) pair(i, i + width);
  }
  return edge < 100 ? 0 : static_cast<double>(even) / static_cast<double>(edge);
}

std::string doubt_of(const Scene& scene, const image::Gray& tissue, double limit) {
  if (!scene.has_glass) return "";
  std::int64_t near = 0;
  std::int64_t known = 0;
  for (std::size_t i = 0; i < scene.size(); ++i) {
    if (scene.view.known[i] == 0) continue;
    ++known;
    if (std::abs(static_cast<double>(scene.veils[i].densest) - limit) < 0.1 * limit) ++near;
  }
  const double share = known == 0 ? 0 : static_cast<double>(near) / static_cast<double>(known);
  if (share > 0.05)
    return fmt::format(
        "{:.1f} % of the slide is within a tenth of the limit between tissue and glass",
        100 * share);
  const double even = scene.view.resolved ? even_edge(scene, tissue) : 0;
  if (even > 0.05)
    return fmt::format("{:.1f} % of the edge of the tissue runs through even texture", 100 * even);
  return "";
}

bool is_on(const Slide& slide, const Grid& grid, std::int64_t x, std::int64_t y) {
  const PointL0 p = grid.to_level0(static_cast<double>(x), static_cast<double>(y));
  return p.x < static_cast<double>(slide.info().width) - 0.5 &&
         p.y < static_cast<double>(slide.info().height) - 0.5;
}

using Fine = std::array<std::uint8_t, 3>;

int light_of(const Fine& pixel) { return pixel[0] + pixel[1] + pixel[2]; }

/// Mean colour, and sd of (R + G + B) / 3.
std::pair<Fine, float> mean_and_spread(std::span<const Fine> pixels) {
  std::array<std::int64_t, 3> sum{};
  std::int64_t squares = 0;
  for (const auto& pixel : pixels) {
    for (std::size_t c = 0; c < 3; ++c) sum[c] += pixel[c];
    squares += static_cast<std::int64_t>(light_of(pixel)) * light_of(pixel);
  }
  const auto n = static_cast<double>(pixels.size());
  Fine mean{};
  for (std::size_t c = 0; c < 3; ++c)
    mean[c] = static_cast<std::uint8_t>(std::lround(static_cast<double>(sum[c]) / n));
  const double light = static_cast<double>(sum[0] + sum[1] + sum[2]) / n;
  const double variance = static_cast<double>(squares) / n - light * light;
  return {mean, static_cast<float>(std::sqrt(std::max(0.0, variance)) / 3)};
}

/// Puts what the fine `pixels` of mask pixel `to` look like into `view`. Sorts them.
void describe(View& view, std::size_t to, std::vector<Fine>& pixels) {
  std::ranges::stable_sort(pixels, std::ranges::greater{}, light_of);
  const auto clear = std::span(pixels).first(std::min(kClear, pixels.size()));
  const auto [mean, spread] = mean_and_spread(pixels);
  const auto [bright, even] = mean_and_spread(clear);
  std::ranges::copy(mean, &view.rgb[3 * to]);
  std::ranges::copy(bright, &view.bright[3 * to]);
  view.spread[to] = spread;
  view.even[to] = even;
  view.known[to] = 1;
}

/// Of the mask pixels `area`, at the border of the slide: 1 where half of what lies on it was
/// scanned.
std::vector<std::uint8_t> scanned_at_border(const Slide& slide,
                                            const Grid& fine,
                                            const Rect& area) {
  const Rect all{area.x * kTexture, area.y * kTexture, area.width * kTexture,
                 area.height * kTexture};
  const auto marks = slide.scanned(fine, all);
  std::vector<std::uint8_t> out;
  for (std::int64_t y = 0; y < all.height; y += kTexture)
    for (std::int64_t x = 0; x < all.width; x += kTexture) {
      std::int64_t on_slide = 0;
      std::int64_t scanned = 0;
      for (std::int64_t dy = y; dy < y + kTexture; ++dy)
        for (std::int64_t dx = x; dx < x + kTexture; ++dx) {
          if (!is_on(slide, fine, all.x + dx, all.y + dy)) continue;
          ++on_slide;
          scanned += marks[static_cast<std::size_t>(dy * all.width + dx)];
        }
      out.push_back(on_slide > 0 && 2 * scanned >= on_slide ? 1 : 0);
    }
  return out;
}

/// Which mask pixels of a band were scanned. What lies beyond the slide does not count: a pixel
/// that the slide's border cuts is no less tissue than its neighbour.
std::vector<std::uint8_t> scanned_in(const Slide& slide,
                                     const Grid& grid,
                                     const Grid& fine,
                                     const Rect& band) {
  auto out = slide.scanned(grid, band);
  const auto correct = [&](const Rect& cut) {
    const auto marks = scanned_at_border(slide, fine, cut);
    for (std::int64_t y = 0; y < cut.height; ++y)
      for (std::int64_t x = 0; x < cut.width; ++x)
        out[static_cast<std::size_t>((cut.y - band.y + y) * band.width + cut.x + x)] =
            marks[static_cast<std::size_t>(y * cut.width + x)];
  };
  if (!is_on(slide, fine, grid.width * kTexture - 1, 0))
    correct({grid.width - 1, band.y, 1, band.height});
  if (band.y + band.height == grid.height && !is_on(slide, fine, 0, grid.height * kTexture - 1))
    correct({0, grid.height - 1, grid.width, 1});
  return out;
}

void copy_pixel(View& view, std::size_t from, std::size_t to) {
  std::copy_n(&view.rgb[3 * from], 3, &view.rgb[3 * to]);
  std::copy_n(&view.bright[3 * from], 3, &view.bright[3 * to]);
  view.spread[to] = view.spread[from];
  view.even[to] = view.even[from];
  view.known[to] = view.known[from];
}

/// Where the slide ends so soon in its last column or row of mask pixels that it shows nothing of
/// them, they are as their neighbours.
void extend(View& view, const Slide& slide, const Grid& fine) {
  const auto width = view.grid.width;
  const auto height = view.grid.height;
  const auto at = [&](std::int64_t x, std::int64_t y) {
    return static_cast<std::size_t>(y * width + x);
  };
  if (width > 1 && !is_on(slide, fine, (width - 1) * kTexture, 0))
    for (std::int64_t y = 0; y < height; ++y) copy_pixel(view, at(width - 2, y), at(width - 1, y));
  if (height > 1 && !is_on(slide, fine, 0, (height - 1) * kTexture))
    for (std::int64_t x = 0; x < width; ++x) copy_pixel(view, at(x, height - 2), at(x, height - 1));
}

}  // namespace

View look_at(const Slide& slide, const Grid& grid) {
  const Grid fine = slide.grid(grid.mpp / kTexture);
  const auto count = static_cast<std::size_t>(grid.width * grid.height);
  View view{grid,
            std::vector<std::uint8_t>(3 * count),
            std::vector<std::uint8_t>(3 * count),
            std::vector<float>(count),
            std::vector<float>(count),
            std::vector<std::uint8_t>(count),
            std::max(slide.info().mpp_x, slide.info().mpp_y) <= grid.mpp / kTexture};
  for (std::int64_t top = 0; top < grid.height; top += kBandRows) {
    const std::int64_t rows = std::min(kBandRows, grid.height - top);
    const Rect band{0, top * kTexture, grid.width * kTexture, rows * kTexture};
    const auto rgb = slide.read(fine, band);
    const auto scanned = scanned_in(slide, grid, fine, {0, top, grid.width, rows});
    for (std::int64_t y = 0; y < rows; ++y)
      for (std::int64_t x = 0; x < grid.width; ++x) {
        if (scanned[static_cast<std::size_t>(y * grid.width + x)] == 0) continue;
        std::vector<Fine> pixels;
        for (std::int64_t dy = y * kTexture; dy < (y + 1) * kTexture; ++dy)
          for (std::int64_t dx = x * kTexture; dx < (x + 1) * kTexture; ++dx) {
            if (!is_on(slide, fine, dx, band.y + dy)) continue;
            const auto at = static_cast<std::size_t>(3 * (dy * band.width + dx));
            pixels.push_back({rgb[at], rgb[at + 1], rgb[at + 2]});
          }
        if (!pixels.empty())
          describe(view, static_cast<std::size_t>((top + y) * grid.width + x), pixels);
      }
  }
  extend(view, slide, fine);
  return view;
}

std::optional<std::array<double, 3>> white_point(const View& view) {
  std::array<std::int64_t, 256> bright{};  // by brightness: all, and those that are even
  std::array<std::int64_t, 256> even{};
  std::array<std::int64_t, 256> flat{};
  std::array<std::int64_t, 256> neutral{};
  const auto light_at = [&](std::size_t i) {
    return (view.bright[3 * i] + view.bright[3 * i + 1] + view.bright[3 * i + 2]) / 3.0;
  };
  const auto is_bright = [&](std::size_t i) {
    return view.known[i] != 0 && std::min({view.bright[3 * i], view.bright[3 * i + 1],
                                           view.bright[3 * i + 2]}) >= kBright;
  };
  std::int64_t total = 0;
  for (std::size_t i = 0; i < view.known.size(); ++i) {
    if (!is_bright(i)) continue;
    const auto bin = static_cast<std::size_t>(std::lround(light_at(i)));
    ++bright[bin];
    if (view.even[i] >= kEven) continue;
    ++even[bin];
    ++total;
    if (view.spread[i] < kFlat) ++flat[bin];
    const auto [low, high] =
        std::minmax({view.bright[3 * i], view.bright[3 * i + 1], view.bright[3 * i + 2]});
    if (high - low <= kNeutral) ++neutral[bin];
  }
  // Counts within two levels, so that noise does not split a mode.
  const auto near = [](const std::array<std::int64_t, 256>& bins, int at) {
    std::int64_t sum = 0;
    for (int k = std::max(0, at - 2); k <= std::min(255, at + 2); ++k)
      sum += bins[static_cast<std::size_t>(k)];
    return sum;
  };
  // Of pale tissue few pixels are even, of glass nearly all: dust is what remains.
  const auto is_mode = [&](int at) {
    const auto here = near(even, at);
    return here >= 20 && 5 * here >= total && 5 * here >= 2 * near(bright, at);
  };
  int mode = 255;
  while (mode >= 0 && !is_mode(mode)) --mode;
  if (mode < 0) return std::nullopt;
  // White paint where nothing was scanned is brighter than the glass beside it, and flat.
  if (3 * near(flat, mode) >= 2 * near(even, mode)) {  // the rest is its rim
    total -= near(even, mode);
    int below = mode - 6;
    while (below >= kBright &&
           (!is_mode(below) || 10 * near(neutral, below) < 9 * near(even, below)))
      --below;
    if (below >= kBright) mode = below;
  }
  while (mode > 0 && near(even, mode - 1) > near(even, mode)) --mode;
  std::array<std::vector<double>, 3> values;
  for (std::size_t i = 0; i < view.known.size(); ++i) {
    if (!is_bright(i) || view.even[i] >= kEven || std::abs(light_at(i) - mode) > 3) continue;
    for (std::size_t c = 0; c < 3; ++c) values[c].push_back(view.bright[3 * i + c]);
  }
  return std::array{*stats::percentile(values[0], 50), *stats::percentile(values[1], 50),
                    *stats::percentile(values[2], 50)};
}

TissueMask by_glass(const View& view, const Params& params) {
  const Scene scene = make_scene(view);
  const image::Gray painted = find_painted(scene, params.glass_od);
  image::Gray pen = find_pen(scene);
  remove(pen, painted);
  image::Gray not_tissue = pen;
  add(not_tissue, painted);
  for (std::size_t i = 0; i < scene.size(); ++i)
    if (view.known[i] == 0) not_tissue.pixels[i] = 1;

  image::Gray dark = scene.where([&](std::size_t i) {
    return !scene.has_glass || !is_glass(scene.veils[i], view.even[i], params.glass_od);
  });
  remove(dark, not_tissue);
  image::Gray tissue = image::close_disc(dark, scene.px(params.closing_um));
  remove(tissue, not_tissue);
  tissue = image::open_disc(tissue, scene.px(params.opening_um));
  fill_field(tissue, scene.px(params.max_hole_um));
  if (share(tissue) < 1)
    tissue = clean_regions(tissue, scene.px(params.min_region_um), scene.px(params.max_hole_um));
  remove(tissue, not_tissue);
  const image::Gray debris = find_debris(scene, tissue, dark);

  std::vector<Ground> ground(scene.size(), Ground::Glass);
  for (std::size_t i = 0; i < scene.size(); ++i) {
    if (view.known[i] == 0 || painted.pixels[i] != 0)
      ground[i] = Ground::Unscanned;
    else if (pen.pixels[i] != 0)
      ground[i] = Ground::Pen;
    else if (debris.pixels[i] != 0)
      ground[i] = Ground::Debris;
    else if (tissue.pixels[i] != 0)
      ground[i] = Ground::Tissue;
  }
  TissueMask mask =
      measured(std::move(ground), view.grid,
               scene.has_glass ? params.glass_od : std::numeric_limits<double>::quiet_NaN());
  mask.doubt = doubt_of(scene, dark, params.glass_od);
  return mask;
}

}  // namespace mito::tissue_mask
