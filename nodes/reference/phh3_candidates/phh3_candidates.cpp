#include "nodes/reference/phh3_candidates/phh3_candidates.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/image/hed.h"
#include "engine/image/otsu.h"
#include "nodes/reference/registration/runs.h"

namespace mito::phh3_candidates {
namespace {

// Method 4.3.
constexpr double kLowestThreshold = 0.05;
constexpr double kHighestThreshold = 5;
constexpr double kLowestAutomatic = 0.2;
constexpr double kHighestAutomatic = 0.6;

/// Amounts are summed as whole numbers of 2^-20, so that sums do not depend on how tiles cut them.
constexpr double kUnit = 1.0 / (1 << 20);

/// The number, nothing for "auto". Throws DataError for another text.
std::optional<double> threshold_of(const std::string& text) {
  if (text == "auto") return std::nullopt;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !(value >= kLowestThreshold) ||
      !(value <= kHighestThreshold))
    throw DataError(fmt::format("dab_threshold must be auto or a number in [{}, {}], got '{}'",
                                kLowestThreshold, kHighestThreshold, text));
  return value;
}

std::size_t bin_of(float amount) {
  const auto bin = std::ceil((static_cast<double>(amount) - SpotTile::kFirst) / SpotTile::kBin) - 1;
  return static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(SpotTile::kBins - 1)));
}

/// Sums over the pixels of a candidate.
struct Sums {
  std::int64_t pixels = 0;
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t right = 0;
  std::int64_t bottom = 0;
  std::int64_t positive = 0;  ///< Pixels above the threshold.
  std::int64_t dab = 0;       ///< Of these.

  void add(const image::Run& run) {
    const auto n = run.length();
    left = pixels == 0 ? run.x0 : std::min(left, run.x0);
    right = pixels == 0 ? run.x1 : std::max(right, run.x1);
    top = pixels == 0 ? run.y : std::min(top, run.y);
    bottom = pixels == 0 ? run.y + 1 : std::max(bottom, run.y + 1);
    pixels += n;
    x += n * (run.x0 + run.x1 - 1) / 2;
    y += n * run.y;
  }
  void add(const Sums& other) {
    left = std::min(left, other.left);
    right = std::max(right, other.right);
    top = std::min(top, other.top);
    bottom = std::max(bottom, other.bottom);
    pixels += other.pixels;
    x += other.x;
    y += other.y;
    positive += other.positive;
    dab += other.dab;
  }
  double center_x() const { return static_cast<double>(x) / static_cast<double>(pixels); }
  double center_y() const { return static_cast<double>(y) / static_cast<double>(pixels); }
};

/// Candidates with centroids closer than `distance` px, in chains too, become one; each keeps the
/// place of its first.
std::vector<Sums> merged(const std::vector<Sums>& all, double distance) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::size_t>> cells;
  const auto cell_of = [&](double v) {
    return static_cast<std::int64_t>(std::floor(v / distance));
  };
  image::DisjointSets sets(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto cx = cell_of(all[i].center_x());
    const auto cy = cell_of(all[i].center_y());
    for (auto ny = cy - 1; ny <= cy + 1; ++ny) {
      for (auto nx = cx - 1; nx <= cx + 1; ++nx) {
        const auto near = cells.find({ny, nx});
        if (near == cells.end()) continue;
        for (const auto j : near->second) {
          if (std::hypot(all[i].center_x() - all[j].center_x(),
                         all[i].center_y() - all[j].center_y()) < distance)
            sets.join(i, j);
        }
      }
    }
    cells[{cy, cx}].push_back(i);
  }
  std::vector<Sums> out;
  std::vector<std::size_t> place(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto root = sets.root(i);
    if (root == i) {
      place[i] = out.size();
      out.push_back(all[i]);
    } else {
      out[place[root]].add(all[i]);
    }
  }
  return out;
}

Spot spot_of(const Sums& sums, const Grid& grid) {
  return {grid.to_level0(sums.center_x(), sums.center_y()),
          sums.pixels,
          static_cast<double>(sums.pixels) * grid.mpp * grid.mpp,
          {sums.left, sums.top, sums.right - sums.left, sums.bottom - sums.top},
          static_cast<double>(sums.dab) * kUnit / static_cast<double>(sums.positive)};
}

}  // namespace

std::string check(const TileParams& params) {
  try {
    image::stain_matrix(params.matrix, params.rows);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

std::string check(const Params& params) {
  try {
    threshold_of(params.dab_threshold);
  } catch (const DataError& error) {
    return error.what();
  }
  if (params.min_area_um2 > params.max_area_um2)
    return fmt::format("min_area_um2 ({}) must not be above max_area_um2 ({})",
                       number_text(params.min_area_um2), number_text(params.max_area_um2));
  return "";
}

SpotTile find(const Tile& tile, const TissueMask& mask, const TileParams& params) {
  const Rect area = tile.area();
  if (tile.rgb.size() != static_cast<std::size_t>(3 * area.width * area.height))
    throw DataError("the tile's pixels do not match its size");
  const auto matrix = image::stain_matrix(params.matrix, params.rows);
  const std::size_t dab = matrix.stains[2] == "dab" ? 2 : 1;
  const image::StainTransform transform(matrix.rows, image::StainConvention::grey_level());

  SpotTile out{tile.grid, params.keep_above, {}, {}, std::vector<std::int64_t>(SpotTile::kBins)};
  const auto x0 = std::max<std::int64_t>(0, tile.core.x);
  const auto y0 = std::max<std::int64_t>(0, tile.core.y);
  const auto x1 = std::min(tile.grid.width, tile.core.x + tile.core.width);
  const auto y1 = std::min(tile.grid.height, tile.core.y + tile.core.height);
  if (x1 <= x0) return out;
  std::vector<float> amounts(static_cast<std::size_t>(x1 - x0));
  for (auto y = y0; y < y1; ++y) {
    const auto first = static_cast<std::size_t>(3 * ((y - area.y) * area.width + x0 - area.x));
    transform.to_amount(std::span(tile.rgb).subspan(first, 3 * amounts.size()), dab, amounts);
    for (auto x = x0; x < x1; ++x) {
      const float amount = amounts[static_cast<std::size_t>(x - x0)];
      if (!(amount > SpotTile::kFirst) || !mask.covers(tile.grid, x, y)) continue;
      ++out.histogram[bin_of(amount)];
      if (!(amount > params.keep_above)) continue;
      if (!out.runs.empty() && out.runs.back().y == y &&
          out.runs.back().x + out.runs.back().length == x) {
        ++out.runs.back().length;
      } else {
        out.runs.push_back({x, y, 1});
      }
      out.amounts.push_back(amount);
    }
  }
  return out;
}

Collector::Collector(Params params, std::string slide_name)
    : params_(std::move(params)), slide_name_(std::move(slide_name)) {
  if (const auto problem = check(params_); !problem.empty()) throw ConfigError(problem);
  fixed_ = threshold_of(params_.dab_threshold);
}

void Collector::add(const SpotTile& tile) {
  if (grid_ && *grid_ != tile.grid)
    throw DataError(slide_name_ + ": tiles of different grids cannot be joined");
  grid_ = tile.grid;
  const double needed = fixed_.value_or(kLowestAutomatic);
  if (tile.keep_above > needed)
    throw DataError(fmt::format(
        "{}: dab_threshold {} needs pixels from {} on, but phh3_candidates kept those "
        "above {} only: lower its keep_above",
        slide_name_, params_.dab_threshold, number_text(needed), number_text(tile.keep_above)));
  if (fixed_) {
    take(tile, *fixed_);
  } else {
    waiting_.push_back(tile);
  }
}

void Collector::take(const SpotTile& tile, double threshold) {
  std::size_t at = 0;
  for (const auto& run : tile.runs) {
    bool open = false;
    for (std::int64_t i = 0; i < run.length; ++i, ++at) {
      const float amount = tile.amounts[at];
      if (!(amount > threshold)) {
        open = false;
        continue;
      }
      const auto x = run.x + i;
      if (!open) pieces_.push_back({run.y, x, x, 0});
      open = true;
      pieces_.back().x1 = x + 1;
      pieces_.back().dab += std::llround(static_cast<double>(amount) / kUnit);
    }
  }
}

double Collector::automatic() const {
  std::vector<std::int64_t> histogram(SpotTile::kBins);
  for (const auto& tile : waiting_)
    for (std::size_t b = 0; b < histogram.size(); ++b) histogram[b] += tile.histogram[b];
  const auto bin = static_cast<double>(image::otsu_threshold(histogram));
  return std::clamp(SpotTile::kFirst + (bin + 1) * SpotTile::kBin, kLowestAutomatic,
                    kHighestAutomatic);
}

SpotSet Collector::finish(const Grid& empty_grid) {
  const double threshold = fixed_ ? *fixed_ : automatic();
  for (const auto& tile : waiting_) take(tile, threshold);
  waiting_.clear();
  SpotSet out{grid_.value_or(empty_grid), threshold, {}};
  std::sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) {
    return std::tie(a.y, a.x0) < std::tie(b.y, b.x0);
  });

  image::Runs runs;
  runs.reserve(pieces_.size());
  for (const auto& piece : pieces_) runs.push_back({piece.y, piece.x0, piece.x1});
  runs = image::normalised(std::move(runs));
  if (params_.close_um > 0) runs = image::close_disc(runs, params_.close_um / out.grid.mpp);
  runs = image::fill_holes(runs);
  const auto components = image::label_runs(runs);

  std::vector<Sums> found(static_cast<std::size_t>(components.count));
  std::size_t piece = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    auto& sums = found[static_cast<std::size_t>(components.labels[i])];
    sums.add(runs[i]);
    for (;
         piece < pieces_.size() && pieces_[piece].y == runs[i].y && pieces_[piece].x1 <= runs[i].x1;
         ++piece) {
      sums.positive += pieces_[piece].x1 - pieces_[piece].x0;
      sums.dab += pieces_[piece].dab;
    }
  }
  pieces_.clear();

  const double pixel_um2 = out.grid.mpp * out.grid.mpp;
  std::erase_if(found, [&](const Sums& sums) {
    const double area = static_cast<double>(sums.pixels) * pixel_um2;
    // Closing can set a pixel apart from all others: nothing that is brown.
    return sums.positive == 0 || area < params_.min_area_um2 || area > params_.max_area_um2;
  });
  if (static_cast<std::int64_t>(found.size()) > params_.max_candidates)
    throw DataError(fmt::format("{}: {} PHH3 candidates, more than {}: raise dab_threshold, now {}",
                                slide_name_, found.size(), params_.max_candidates,
                                number_text(threshold)));
  if (params_.merge_um > 0) found = merged(found, params_.merge_um / out.grid.mpp);
  out.items.reserve(found.size());
  for (const auto& sums : found) out.items.push_back(spot_of(sums, out.grid));
  return out;
}

}  // namespace mito::phh3_candidates
