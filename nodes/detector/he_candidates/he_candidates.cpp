#include "nodes/detector/he_candidates/he_candidates.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <queue>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/types/rect.h"
#include "nodes/detector/candidates/candidate_key.h"

namespace mito::he_candidates {
namespace {

constexpr int kLevels = 766;  // R + G + B is 0..765
constexpr std::uint16_t kNever = 0xFFFF;
constexpr int kMaxDoublings = 16;
constexpr std::size_t kMaxPixels = std::size_t{1} << 30U;  // 5 GB: a slide is not like this

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

/// What is certain about the pixels of a target from the pixels of a field around it.
struct Decision {
  std::vector<Spot> spots;  ///< Certain candidates in the target, in key order.
  std::vector<Rect> open;   ///< Boxes that hold the target's undecided pixels; empty when none.
};

/// Takes the pixels of a field in key order. A pixel that no candidate suppresses is a candidate,
/// unless a pixel of smaller key within the radius may exist that is itself not decided: one beyond
/// the field, or one left open before.
///
/// The next pixel comes from a heap of the smallest keys of small square cells. Suppression leaves
/// the heap alone: a key whose pixel is gone is replaced when it comes up. Open pixels are kept per
/// cell and only ever too many: the first one of a cell shuts its cell and every cell that its disc
/// could reach, which then can hold no certain candidate any more.
class Decider {
 public:
  /// `whole`: where pixels can exist. Uses up the field.
  Decider(Field field, const Rect& whole, const Disc& disc)
      : area_(field.area),
        intensity_(std::move(field.intensity)),
        disc_(disc),
        cell_(std::clamp<std::int64_t>(disc.reach() / 4, 1, 16)),
        columns_((area_.width + cell_ - 1) / cell_),
        rows_((area_.height + cell_ - 1) / cell_),
        shut_(static_cast<std::size_t>(columns_ * rows_)) {
    // Pixels whose disc stays within the field, where the field ends inside `whole`.
    const auto right = area_.x + area_.width;
    const auto bottom = area_.y + area_.height;
    const auto x0 = area_.x + (area_.x > whole.x ? disc.reach() : 0);
    const auto y0 = area_.y + (area_.y > whole.y ? disc.reach() : 0);
    const auto x1 = right - (right < whole.x + whole.width ? disc.reach() : 0);
    const auto y1 = bottom - (bottom < whole.y + whole.height ? disc.reach() : 0);
    known_ = {x0, y0, std::max<std::int64_t>(0, x1 - x0), std::max<std::int64_t>(0, y1 - y0)};
  }

  Decision decide(const Rect& target) {
    std::vector<Entry> entries;
    for (std::int64_t cell = 0; cell < columns_ * rows_; ++cell) {
      if (const auto key = smallest(cell)) entries.push_back({*key, cell});
    }
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap(std::greater<>(),
                                                                        std::move(entries));
    Decision out;
    while (!heap.empty()) {
      const auto [key, cell] = heap.top();
      heap.pop();
      if (intensity_[index(key.x, key.y)] != kNever) {
        if (shut_[static_cast<std::size_t>(cell)] != 0 || !known_.contains(key.x, key.y)) {
          shut_around(cell);
          continue;  // nothing more can become certain in this cell
        }
        const Spot spot{key.x, key.y, key.intensity};
        suppress(spot);
        if (target.contains(key.x, key.y)) out.spots.push_back(spot);
      }
      if (const auto next = smallest(cell)) heap.push({*next, cell});
    }
    out.open = open_boxes(target);
    return out;
  }

 private:
  struct Entry {
    image::CandidateKey key;
    std::int64_t cell = 0;
    auto operator<=>(const Entry&) const = default;  // NOLINT(modernize-use-nullptr)
  };

  std::size_t index(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>((y - area_.y) * area_.width + x - area_.x);
  }

  std::optional<image::CandidateKey> smallest(std::int64_t cell) const {
    const auto x0 = cell % columns_ * cell_;
    const auto y0 = cell / columns_ * cell_;
    const auto width = std::min(cell_, area_.width - x0);
    const auto height = std::min(cell_, area_.height - y0);
    const auto* corner = &intensity_[static_cast<std::size_t>(y0 * area_.width + x0)];
    std::uint16_t lowest = kNever;
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x)
        lowest = std::min(lowest, corner[y * area_.width + x]);
    }
    if (lowest == kNever) return std::nullopt;
    std::optional<image::CandidateKey> best;
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        if (corner[y * area_.width + x] != lowest) continue;
        const auto key = image::CandidateKey::of(lowest, area_.x + x0 + x, area_.y + y0 + y);
        if (!best || key < *best) best = key;
      }
    }
    return best;
  }

  void suppress(const Spot& spot) {
    const auto y0 = std::max(area_.y, spot.y - disc_.reach());
    const auto y1 = std::min(area_.y + area_.height - 1, spot.y + disc_.reach());
    for (auto y = y0; y <= y1; ++y) {
      const auto half = disc_.half(y - spot.y);
      const auto x0 = std::max(area_.x, spot.x - half);
      const auto x1 = std::min(area_.x + area_.width - 1, spot.x + half);
      std::fill_n(&intensity_[index(x0, y)], x1 - x0 + 1, kNever);
    }
  }

  void shut_around(std::int64_t cell) {
    const auto reach = (disc_.reach() + cell_ - 1) / cell_;
    const auto cx = cell % columns_;
    const auto cy = cell / columns_;
    const auto x0 = std::max<std::int64_t>(0, cx - reach);
    const auto x1 = std::min(columns_ - 1, cx + reach);
    const auto y1 = std::min(rows_ - 1, cy + reach);
    for (auto y = std::max<std::int64_t>(0, cy - reach); y <= y1; ++y)
      std::fill_n(&shut_[static_cast<std::size_t>(y * columns_ + x0)], x1 - x0 + 1,
                  std::uint8_t{1});
  }

  /// What is left in the field is undecided. One box per block of the target that holds some, so
  /// that open pixels in opposite corners do not make all between them be looked at again.
  std::vector<Rect> open_boxes(const Rect& target) const {
    constexpr std::int64_t kBlock = 256;
    std::vector<Rect> out;
    for (auto y = target.y; y < target.y + target.height; y += kBlock) {
      for (auto x = target.x; x < target.x + target.width; x += kBlock) {
        const Rect box = open_box(intersection({x, y, kBlock, kBlock}, target));
        if (!is_empty(box)) out.push_back(box);
      }
    }
    return out;
  }

  Rect open_box(const Rect& block) const {
    auto x0 = block.x + block.width;
    auto x1 = block.x - 1;
    auto y0 = block.y + block.height;
    auto y1 = block.y - 1;
    for (auto y = block.y; y < block.y + block.height; ++y) {
      const auto* row = &intensity_[index(block.x, y)];
      const auto* end = row + block.width;
      const auto* first = std::find_if(row, end, [](std::uint16_t v) { return v != kNever; });
      if (first == end) continue;
      const auto* last = end - 1;
      while (*last == kNever) --last;
      x0 = std::min(x0, block.x + (first - row));
      x1 = std::max(x1, block.x + (last - row));
      y0 = std::min(y0, y);
      y1 = y;
    }
    return {x0, y0, x1 - x0 + 1, y1 - y0 + 1};
  }

  Rect area_;
  std::vector<std::uint16_t> intensity_;  ///< kNever also where a candidate suppresses.
  const Disc& disc_;
  std::int64_t cell_;
  std::int64_t columns_;
  std::int64_t rows_;
  std::vector<std::uint8_t> shut_;
  Rect known_;
};

std::uint16_t highest_intensity(double max_intensity) {
  return static_cast<std::uint16_t>(std::floor(max_intensity * (kLevels - 1)));
}

bool darkest_first(const Spot& a, const Spot& b) {
  return image::CandidateKey::of(a.intensity, a.x, a.y) <
         image::CandidateKey::of(b.intensity, b.x, b.y);
}

/// The boxes, or the one box around them where that is less to look at with `halo` px on all sides.
std::vector<Rect> worth_splitting(std::vector<Rect> boxes, std::int64_t halo) {
  if (boxes.size() < 2) return boxes;
  Rect all = boxes.front();
  std::size_t apart = 0;
  for (const auto& box : boxes) {
    const auto right = std::max(all.x + all.width, box.x + box.width);
    const auto bottom = std::max(all.y + all.height, box.y + box.height);
    all.x = std::min(all.x, box.x);
    all.y = std::min(all.y, box.y);
    all.width = right - all.x;
    all.height = bottom - all.y;
    apart += pixels(box.grown(halo));
  }
  if (apart < pixels(all.grown(halo))) return boxes;
  return {all};
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
  const Disc disc(diameter_px / 2);
  return Decider(std::move(field), area, disc).decide(area).spots;
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
  std::vector<Rect> open{intersection(tile.core, whole)};
  std::int64_t halo = tile.halo;
  for (int doubling = 0; !open.empty(); ++doubling) {
    std::vector<Rect> still_open;
    for (const auto& target : open) {
      if (is_empty(target)) continue;
      const Rect known = intersection(doubling == 0 ? tile.area() : target.grown(halo), whole);
      if (doubling > kMaxDoublings || pixels(known) > kMaxPixels) {
        throw DataError(
            fmt::format("candidates of the tile at ({}, {}) depend on pixels more than {} px away",
                        tile.core.x, tile.core.y, halo / 2));
      }
      const Decision decision =
          Decider(doubling == 0
                      ? tissue_field(tile.rgb, tile.area(), known, tile.grid, mask, highest)
                      : tissue_field(read(known), known, known, tile.grid, mask, highest),
                  whole, disc)
              .decide(target);
      spots.insert(spots.end(), decision.spots.begin(), decision.spots.end());
      still_open.insert(still_open.end(), decision.open.begin(), decision.open.end());
    }
    halo = std::max(2 * halo, static_cast<std::int64_t>(std::ceil(4 * diameter_px)));
    open = worth_splitting(std::move(still_open), halo);
    // What is certain outside the open boxes stays; inside, the next round finds it again.
    std::erase_if(spots, [&](const Spot& spot) {
      return std::any_of(open.begin(), open.end(),
                         [&](const Rect& box) { return box.contains(spot.x, spot.y); });
    });
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
