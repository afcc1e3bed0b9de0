#include "nodes/he_candidates/he_candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/image/candidate_key.h"

namespace mito::he_candidates {
namespace {

constexpr int kLevels = 766;  // R + G + B is 0..765
constexpr std::uint16_t kNever = 0xFFFF;
constexpr int kMaxDoublings = 16;
constexpr std::size_t kMaxPixels = 0xFFFFFFFF;  // a field's pixels are counted in 32 bits

Rect intersection(const Rect& a, const Rect& b) {
  const auto x0 = std::max(a.x, b.x);
  const auto y0 = std::max(a.y, b.y);
  const auto x1 = std::min(a.x + a.width, b.x + b.width);
  const auto y1 = std::min(a.y + a.height, b.y + b.height);
  return {x0, y0, std::max<std::int64_t>(0, x1 - x0), std::max<std::int64_t>(0, y1 - y0)};
}

bool is_empty(const Rect& rect) { return rect.width <= 0 || rect.height <= 0; }

std::size_t pixels(const Rect& rect) { return static_cast<std::size_t>(rect.width * rect.height); }

/// The offsets within the suppression radius: row dy covers dx = -half(dy) .. half(dy).
class Disc {
 public:
  explicit Disc(double radius) : reach_(static_cast<std::int64_t>(std::floor(radius))) {
    for (std::int64_t dy = 0; dy <= reach_; ++dy) {
      std::int64_t dx = 0;
      while (static_cast<double>((dx + 1) * (dx + 1) + dy * dy) <= radius * radius) ++dx;
      half_.push_back(dx);
    }
  }
  std::int64_t reach() const { return reach_; }
  std::int64_t half(std::int64_t dy) const { return half_[static_cast<std::size_t>(std::abs(dy))]; }

 private:
  std::int64_t reach_;
  std::vector<std::int64_t> half_;
};

/// Intensities of a known rectangle; kNever where a pixel cannot be a candidate.
struct Field {
  Rect area;
  std::vector<std::uint16_t> intensity;
};

/// Places near pixels whose fate is open. Kept per cell of pixels and only ever too large: an open
/// pixel opens every cell that its disc could reach, once per cell.
class OpenCells {
 public:
  OpenCells(const Rect& area, std::int64_t reach)
      : area_(area),
        reach_((reach + kCell - 1) / kCell),
        columns_((area.width + kCell - 1) / kCell),
        rows_((area.height + kCell - 1) / kCell),
        source_(static_cast<std::size_t>(columns_ * rows_)),
        reached_(source_.size()) {}

  bool reaches(std::int64_t x, std::int64_t y) const { return reached_[index(x, y)] != 0; }

  void open(std::int64_t x, std::int64_t y) {
    auto& source = source_[index(x, y)];
    if (source != 0) return;
    source = 1;
    const auto cx = (x - area_.x) / kCell;
    const auto cy = (y - area_.y) / kCell;
    const auto x0 = std::max<std::int64_t>(0, cx - reach_);
    const auto x1 = std::min(columns_ - 1, cx + reach_);
    for (auto row = std::max<std::int64_t>(0, cy - reach_); row <= std::min(rows_ - 1, cy + reach_);
         ++row) {
      std::memset(&reached_[static_cast<std::size_t>(row * columns_ + x0)], 1,
                  static_cast<std::size_t>(x1 - x0 + 1));
    }
  }

 private:
  static constexpr std::int64_t kCell = 8;
  std::size_t index(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>((y - area_.y) / kCell * columns_ + (x - area_.x) / kCell);
  }
  Rect area_;
  std::int64_t reach_;
  std::int64_t columns_;
  std::int64_t rows_;
  std::vector<std::uint8_t> source_;
  std::vector<std::uint8_t> reached_;
};

/// Pixel indices of a field, darkest first.
struct Buckets {
  std::array<std::size_t, kLevels + 1> begin{};
  std::vector<std::uint32_t> index;
};

Buckets sort_by_intensity(const Field& field) {
  Buckets out;
  for (const auto v : field.intensity) {
    if (v != kNever) ++out.begin[static_cast<std::size_t>(v) + 1];
  }
  for (std::size_t v = 0; v < kLevels; ++v) out.begin[v + 1] += out.begin[v];
  out.index.resize(out.begin[kLevels]);
  auto next = out.begin;
  for (std::size_t i = 0; i < field.intensity.size(); ++i) {
    const auto v = field.intensity[i];
    if (v != kNever) out.index[next[v]++] = static_cast<std::uint32_t>(i);
  }
  return out;
}

void suppress(std::vector<std::uint8_t>& out,
              const Rect& area,
              const Disc& disc,
              const Spot& spot) {
  const auto y0 = std::max(area.y, spot.y - disc.reach());
  const auto y1 = std::min(area.y + area.height - 1, spot.y + disc.reach());
  for (auto y = y0; y <= y1; ++y) {
    const auto half = disc.half(y - spot.y);
    const auto x0 = std::max(area.x, spot.x - half);
    const auto x1 = std::min(area.x + area.width - 1, spot.x + half);
    std::memset(&out[static_cast<std::size_t>((y - area.y) * area.width + (x0 - area.x))], 1,
                static_cast<std::size_t>(x1 - x0 + 1));
  }
}

/// What is certain about the pixels of a target from the pixels of a field around it.
struct Decision {
  std::vector<Spot> spots;  ///< Certain candidates in the target, in key order.
  Rect open;                ///< Bounding box of the target's undecided pixels; empty when none.
};

/// Walks the field in key order. A pixel that no candidate suppresses is a candidate, unless a
/// pixel of smaller key within the radius may exist that is itself not decided: one beyond the
/// field
/// (`whole` says what exists), or one left open before.
Decision decide(const Field& field, const Rect& whole, const Rect& target, const Disc& disc) {
  const Rect& area = field.area;
  const auto reach = disc.reach();
  // Pixels whose disc stays within the field, where the field ends inside `whole`.
  const auto left = area.x > whole.x ? area.x + reach : area.x;
  const auto top = area.y > whole.y ? area.y + reach : area.y;
  const auto right =
      area.x + area.width - (area.x + area.width < whole.x + whole.width ? reach : 0);
  const auto bottom =
      area.y + area.height - (area.y + area.height < whole.y + whole.height ? reach : 0);

  const Buckets buckets = sort_by_intensity(field);
  std::vector<std::uint8_t> suppressed(field.intensity.size());
  OpenCells open(area, reach);
  std::vector<image::CandidateKey> level;
  Decision out;
  std::int64_t x0 = 0, y0 = 0, x1 = -1, y1 = -1;
  for (int v = 0; v < kLevels; ++v) {
    level.clear();
    const auto slot = static_cast<std::size_t>(v);
    for (auto i = buckets.begin[slot]; i < buckets.begin[slot + 1]; ++i) {
      const auto pixel = buckets.index[i];
      if (suppressed[pixel] != 0) continue;
      level.push_back(
          image::CandidateKey::of(v, area.x + pixel % area.width, area.y + pixel / area.width));
    }
    std::sort(level.begin(), level.end());
    for (const auto& key : level) {
      const Spot spot{key.x, key.y, v};
      if (suppressed[static_cast<std::size_t>((key.y - area.y) * area.width + key.x - area.x)] != 0)
        continue;
      const bool certain = key.x >= left && key.x < right && key.y >= top && key.y < bottom &&
                           !open.reaches(key.x, key.y);
      if (certain) {
        suppress(suppressed, area, disc, spot);
        if (target.contains(key.x, key.y)) out.spots.push_back(spot);
        continue;
      }
      open.open(key.x, key.y);
      if (!target.contains(key.x, key.y)) continue;
      const bool first = x1 < x0;
      x0 = first ? key.x : std::min(x0, key.x);
      y0 = first ? key.y : std::min(y0, key.y);
      x1 = first ? key.x : std::max(x1, key.x);
      y1 = first ? key.y : std::max(y1, key.y);
    }
  }
  out.open = {x0, y0, x1 - x0 + 1, y1 - y0 + 1};
  return out;
}

std::uint16_t highest_intensity(double max_intensity) {
  return static_cast<std::uint16_t>(std::floor(max_intensity * (kLevels - 1)));
}

bool darkest_first(const Spot& a, const Spot& b) {
  return image::CandidateKey::of(a.intensity, a.x, a.y) <
         image::CandidateKey::of(b.intensity, b.x, b.y);
}

/// Mask column or row of every analysis column or row from `first` on; -1 off the mask. The same
/// arithmetic as TissueMask::covers, once per line instead of once per pixel.
std::vector<std::int64_t> mask_lines(
    std::int64_t first, std::int64_t count, double scale, double mask_scale, std::int64_t size) {
  std::vector<std::int64_t> lines;
  lines.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const double level0 = (static_cast<double>(first + i) + 0.5) * scale - 0.5;
    const double line = std::floor((level0 + 0.5) / mask_scale);
    const bool inside = line >= 0 && line < static_cast<double>(size);
    lines.push_back(inside ? static_cast<std::int64_t>(line) : -1);
  }
  return lines;
}

/// Intensities of `area`, a part of `buffer`, where there is tissue and it is dark enough.
Field tissue_field(std::span<const std::uint8_t> rgb,
                   const Rect& buffer,
                   const Rect& area,
                   const Grid& grid,
                   const TissueMask& mask,
                   std::uint16_t highest) {
  Field field{area, std::vector<std::uint16_t>(pixels(area), kNever)};
  const auto columns =
      mask_lines(area.x, area.width, grid.scale_x, mask.grid.scale_x, mask.grid.width);
  const auto rows =
      mask_lines(area.y, area.height, grid.scale_y, mask.grid.scale_y, mask.grid.height);
  for (std::int64_t y = 0; y < area.height; ++y) {
    const auto mask_row = rows[static_cast<std::size_t>(y)];
    if (mask_row < 0) continue;
    const auto* tissue = &mask.tissue[static_cast<std::size_t>(mask_row * mask.grid.width)];
    const auto from = (area.y + y - buffer.y) * buffer.width + (area.x - buffer.x);
    const auto* pixel = &rgb[static_cast<std::size_t>(3 * from)];
    auto* out = &field.intensity[static_cast<std::size_t>(y * area.width)];
    for (std::int64_t x = 0; x < area.width; ++x, pixel += 3) {
      const auto column = columns[static_cast<std::size_t>(x)];
      const auto v = static_cast<std::uint16_t>(pixel[0] + pixel[1] + pixel[2]);
      if (v <= highest && column >= 0 && tissue[column] != 0) out[x] = v;
    }
  }
  return field;
}

}  // namespace

std::vector<Spot> find_all(std::span<const std::uint8_t> rgb,
                           const Rect& area,
                           std::span<const std::uint8_t> tissue,
                           double diameter_px,
                           double max_intensity) {
  if (rgb.size() != 3 * pixels(area) || (!tissue.empty() && tissue.size() != pixels(area)))
    throw DataError("the pixels do not match the size of the image");
  const auto highest = highest_intensity(max_intensity);
  Field field{area, std::vector<std::uint16_t>(pixels(area), kNever)};
  for (std::size_t i = 0; i < field.intensity.size(); ++i) {
    const auto v = static_cast<std::uint16_t>(rgb[3 * i] + rgb[3 * i + 1] + rgb[3 * i + 2]);
    if (v <= highest && (tissue.empty() || tissue[i] != 0)) field.intensity[i] = v;
  }
  return decide(field, area, area, Disc(diameter_px / 2)).spots;
}

std::vector<Candidate> detect(const Tile& tile,
                              const TissueMask& mask,
                              const ReadPixels& read,
                              const Params& params) {
  const double diameter_px = params.diameter_um / tile.grid.mpp;
  const Disc disc(diameter_px / 2);
  const auto highest = highest_intensity(params.max_intensity);
  const Rect whole = tile.grid.bounds();
  if (tile.rgb.size() != 3 * pixels(tile.area()))
    throw DataError("the tile's pixels do not match its size");

  std::vector<Spot> spots;
  Rect target = intersection(tile.core, whole);
  std::int64_t halo = tile.halo;
  for (int doubling = 0; !is_empty(target); ++doubling) {
    if (doubling > kMaxDoublings || pixels(target.grown(halo)) > kMaxPixels) {
      throw DataError(
          fmt::format("candidates of the tile at ({}, {}) depend on pixels more than {} px away",
                      tile.core.x, tile.core.y, halo / 2));
    }
    const Rect known = intersection(doubling == 0 ? tile.area() : target.grown(halo), whole);
    const Field field = doubling == 0
                            ? tissue_field(tile.rgb, tile.area(), known, tile.grid, mask, highest)
                            : tissue_field(read(known), known, known, tile.grid, mask, highest);
    Decision decision = decide(field, whole, target, disc);
    // What is certain outside the open box stays; inside, the next round finds it again.
    std::erase_if(decision.spots,
                  [&](const Spot& spot) { return decision.open.contains(spot.x, spot.y); });
    spots.insert(spots.end(), decision.spots.begin(), decision.spots.end());
    target = decision.open;
    halo = std::max(2 * halo, static_cast<std::int64_t>(std::ceil(4 * diameter_px)));
  }
  std::sort(spots.begin(), spots.end(), darkest_first);

  std::vector<Candidate> out;
  out.reserve(spots.size());
  for (const auto& spot : spots) {
    out.push_back({tile.grid.to_level0(static_cast<double>(spot.x), static_cast<double>(spot.y)),
                   spot.x, spot.y, static_cast<float>(spot.intensity) / 765.0F});
  }
  return out;
}

}  // namespace mito::he_candidates
