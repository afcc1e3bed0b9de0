#include "nodes/slides/stain_standardise/stain_standardise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "nodes/slides/stain/colour_map.h"
#include "nodes/slides/stain/lab.h"
#include "nodes/slides/stain/mixture.h"
#include "nodes/slides/stain/naive_bayes.h"
#include "nodes/slides/stain/wsics.h"
#include "nodes/slides/stain/wsics_samples.h"

namespace mito::stain_standardise {
namespace {

using stain::Rgb8;

constexpr std::size_t kMinBackground = 100;  // pixels, for statistics of the glass
constexpr std::size_t kShownTiles = 20;      // in messages
constexpr std::string_view kTiles = "stain_standardise/tiles";
constexpr std::string_view kPixels = "stain_standardise/pixels";

std::string tile_name(const Rect& r) {
  return fmt::format("tile at ({}, {}) of {} x {} px", r.x, r.y, r.width, r.height);
}

/// What one tile gives; `skipped` when nothing.
struct Found {
  std::array<std::vector<Rgb8>, WsicsStatistics::kClasses> pixels;
  SampledTile tile;
};

stain::SampleOptions sample_options(const Params& p) {
  return {.background_density = p.background_density,
          .background_channel_density = p.background_channel_density,
          .black_density = p.black_density,
          .nuclei = {p.nucleus_min_um, p.nucleus_max_um, p.nucleus_contrast},
          .min_nuclei_per_um2 = p.min_nuclei_per_mm2 / 1e6,
          .max_ink_px = p.ink_px,
          .ink_green_density = p.ink_green_density,
          .ink_red_over_green = p.ink_red_over_green,
          .pale_nuclei_percent = p.pale_nuclei_percent,
          .red_nuclei_percent = p.red_nuclei_percent,
          .eosin_percent = p.eosin_percent,
          .min_class_px = std::max<std::int64_t>(1, p.min_training / 2),
          .neighbours = p.neighbours};
}

/// Pixels of a tile that lie on tissue (all, for `whole_tiles`).
std::vector<Rgb8> tissue_pixels(const std::vector<std::uint8_t>& rgb,
                                const Grid& grid,
                                const Rect& area,
                                const TissueMask& mask,
                                bool whole) {
  std::vector<Rgb8> out;
  std::size_t i = 0;
  for (auto y = area.y; y < area.y + area.height; ++y) {
    for (auto x = area.x; x < area.x + area.width; ++x, i += 3) {
      if (whole || mask.covers(grid, x, y)) out.push_back({rgb[i], rgb[i + 1], rgb[i + 2]});
    }
  }
  return out;
}

/// One slide being fitted.
class Fit {
 public:
  Fit(const Slide& slide, const TissueMask& mask, const Params& params, const Reporting& reporting)
      : slide_(slide),
        mask_(mask),
        params_(params),
        reporting_(reporting),
        grid_(slide.analysis_grid()),
        tiles_(choose_tiles(grid_, mask, params)) {}

  void collect(Standardisation& out) {
    const bool wsics = params_.method == "wsics";
    for (std::size_t i = 0; i < tiles_.size() && !full(); ++i) {
      if (reporting_.stop()) throw Interrupted("stopped while standardising stain");
      reporting_.progress("stain tiles",
                          static_cast<double>(i) / static_cast<double>(tiles_.size()));
      RandomStream random(static_cast<std::uint64_t>(params_.seed), kPixels, i);
      Found found =
          wsics ? look_for_classes(tiles_[i], random) : look_for_tissue(tiles_[i], random);
      if (found.tile.skipped.empty()) {
        ++usable_;
        for (std::size_t c = 0; c < pixels_.size(); ++c) {
          const std::size_t room = quota(c) - pixels_[c].size();
          const auto taken = stain::random_subset(found.pixels[c], room, random);
          pixels_[c].insert(pixels_[c].end(), taken.begin(), taken.end());
        }
      }
      out.tiles.push_back(std::move(found.tile));
    }
    for (const auto& pixels : pixels_) out.pixels += static_cast<std::int64_t>(pixels.size());
    if (usable_ < params_.min_tiles) throw DataError(too_few(out));
    if (wsics && !full())
      out.warnings.push_back(fmt::format(
          "took {} pixels of haematoxylin, {} of eosin and {} of background instead of {}, {} and "
          "{}: there were no more tiles",
          pixels_[0].size(), pixels_[1].size(), pixels_[2].size(), quota(0), quota(1), quota(2)));
  }

  /// Statistics and classifier from what collect() took.
  void estimate(Standardisation& out) const {
    if (params_.method == "wsics") return estimate_wsics(out);
    if (params_.method == "reinhard") {
      out.source = stain::lab_statistics(pixels_[0]);
    } else if (params_.method == "macenko") {
      const bool tools = params_.macenko_variant == "staintools";
      if (!tools) out.density = {.white = params_.white, .add = 1};
      out.source = stain::macenko(pixels_[0], {.density = out.density,
                                               .min_density = params_.min_density,
                                               .max_luminosity = tools ? params_.max_luminosity : 0,
                                               .alpha_percent = params_.alpha_percent,
                                               .top_percent = params_.top_percent,
                                               .unit_length = tools,
                                               .min_pixels = params_.min_pixels,
                                               .min_angle_deg = params_.min_angle_deg});
    } else {
      out.source =
          stain::vahadane(pixels_[0], {.lambda = params_.lambda,
                                       .final_lambda = params_.final_lambda,
                                       .max_luminosity = params_.max_luminosity,
                                       .tolerance = params_.tolerance,
                                       .max_sweeps = params_.max_sweeps,
                                       .top_percent = params_.top_percent,
                                       .min_pixels = params_.min_pixels,
                                       .min_angle_deg = params_.min_angle_deg,
                                       .sweep = [this](double, double) {
                                         if (reporting_.stop())
                                           throw Interrupted("stopped while standardising stain");
                                       }});
    }
  }

 private:
  std::size_t quota(std::size_t c) const {
    if (params_.method != "wsics") return c == 0 ? static_cast<std::size_t>(params_.max_pixels) : 0;
    return static_cast<std::size_t>(
        std::llround(params_.class_shares[c] * static_cast<double>(params_.max_training)));
  }

  /// Enough of both stains, and enough tiles; background may stay short.
  bool full() const {
    return usable_ >= params_.min_tiles && pixels_[0].size() >= quota(0) &&
           pixels_[1].size() >= quota(1);
  }

  Found look_for_classes(const Rect& area, RandomStream& random) const {
    Found out{.pixels = {}, .tile = {.area = area, .skipped = ""}};
    const auto rgb = slide_.read(grid_, area);
    if (!read_empty(rgb, out.tile)) return out;
    auto samples = stain::sample_tile(rgb, area.width, area.height, grid_.mpp,
                                      sample_options(params_), random);
    out.tile.nuclei = samples.nuclei;
    out.tile.haematoxylin = samples.haematoxylin;
    out.tile.eosin = samples.eosin;
    out.tile.skipped = std::move(samples.skipped);
    out.pixels = std::move(samples.pixels);
    return out;
  }

  Found look_for_tissue(const Rect& area, RandomStream& random) const {
    Found out{.pixels = {}, .tile = {.area = area, .skipped = ""}};
    const auto rgb = slide_.read(grid_, area);
    if (!read_empty(rgb, out.tile)) return out;
    const auto all =
        tissue_pixels(rgb, grid_, area, mask_, params_.method == "reinhard" && params_.whole_tiles);
    // All tiles give the same share, so that the pixels are spread over the slide.
    const auto tiles = std::clamp<std::size_t>(tiles_.size(), 1, 8);
    out.pixels[0] = stain::random_subset(
        all, (static_cast<std::size_t>(params_.max_pixels) + tiles - 1) / tiles, random);
    if (out.pixels[0].empty()) out.tile.skipped = "no pixel on the tissue mask";
    return out;
  }

  /// False, with the reason, when the tile is mostly white or black.
  bool read_empty(const std::vector<std::uint8_t>& rgb, SampledTile& tile) const {
    const double empty = stain::empty_share(rgb, params_.white_level);
    if (empty < params_.max_empty) return true;
    tile.skipped = fmt::format("{:.0f} % nearly white or black (max_empty {:.0f} %)", 100 * empty,
                               100 * params_.max_empty);
    return false;
  }

  std::string too_few(const Standardisation& found) const {
    std::string out = fmt::format(
        "{}: stain standardisation by {} needs {} usable tiles (min_tiles), got {} of {} looked at",
        slide_.info().path.string(), params_.method, params_.min_tiles, usable_,
        found.tiles.size());
    if (tiles_.empty())
      out += fmt::format("; no tile has {:.0f} % tissue (min_tissue)", 100 * params_.min_tissue);
    for (std::size_t i = 0; i < std::min(kShownTiles, found.tiles.size()); ++i) {
      const auto& tile = found.tiles[i];
      out +=
          fmt::format("\n  {}: {}", tile_name(tile.area),
                      tile.skipped.empty()
                          ? fmt::format("used; {} nuclei, {} samples of haematoxylin, {} of eosin",
                                        tile.nuclei, tile.haematoxylin, tile.eosin)
                          : tile.skipped);
    }
    if (found.tiles.size() > kShownTiles)
      out += fmt::format("\n  and {} more", found.tiles.size() - kShownTiles);
    out += fmt::format(
        "\n  for small images and small tissues: smaller tiles (tile_px, now {}), fewer of them "
        "(min_tiles), less of each (min_training, now {}), or another method",
        params_.tile_px, params_.min_training);
    return out;
  }

  void estimate_wsics(Standardisation& out) const {
    WsicsStatistics source;
    for (std::size_t c = 0; c < 2; ++c) source.classes[c] = stain::class_statistics(pixels_[c]);
    if (pixels_[2].size() >= kMinBackground) {
      source.classes[2] = stain::class_statistics(pixels_[2]);
    } else {
      source.classes[2] = std::get<WsicsStatistics>(out.target).classes[2];
      out.warnings.push_back(
          fmt::format("only {} background pixels (of {} needed): the background is left as it is",
                      pixels_[2].size(), kMinBackground));
    }
    out.source = source;
    std::vector<double> features;
    std::vector<std::uint8_t> classes;
    std::vector<double> weights;
    for (std::uint8_t c = 0; c < WsicsStatistics::kClasses; ++c) {
      auto colours = pixels_[c];
      std::sort(colours.begin(), colours.end());
      for (std::size_t i = 0; i < colours.size(); ++i) {
        if (i > 0 && colours[i] == colours[i - 1]) {
          weights.back() += 1;
          continue;
        }
        const auto hsd = stain::to_hsd(colours[i]);
        features.insert(features.end(), {hsd.cx, hsd.cy, hsd.density / 2});
        classes.push_back(c);
        weights.push_back(1);
      }
    }
    out.classifier = stain::fit_classifier(features, 3, classes, WsicsStatistics::kClasses, weights,
                                           params_.bins, params_.sigma_bins);
  }

  const Slide& slide_;
  const TissueMask& mask_;
  const Params& params_;
  const Reporting& reporting_;
  Grid grid_;
  std::vector<Rect> tiles_;
  std::array<std::vector<Rgb8>, WsicsStatistics::kClasses> pixels_;
  int usable_ = 0;
};

double tissue_share(const Grid& grid, const Rect& area, const TissueMask& mask) {
  constexpr std::int64_t kStep = 16;  // px between the points that are looked at
  std::int64_t tissue = 0;
  std::int64_t all = 0;
  for (auto y = area.y + std::min(kStep, area.height) / 2; y < area.y + area.height; y += kStep) {
    for (auto x = area.x + std::min(kStep, area.width) / 2; x < area.x + area.width; x += kStep) {
      ++all;
      if (mask.covers(grid, x, y)) ++tissue;
    }
  }
  return static_cast<double>(tissue) / static_cast<double>(all);
}

}  // namespace

std::string check(const Params& params) {
  if (params.class_shares.size() != WsicsStatistics::kClasses)
    return "'class_shares' needs three numbers: haematoxylin, eosin, background";
  const double sum = std::accumulate(params.class_shares.begin(), params.class_shares.end(), 0.0);
  if (std::abs(sum - 1) > 1e-6 || params.class_shares[0] <= 0 || params.class_shares[1] <= 0)
    return fmt::format(
        "'class_shares' must sum to 1, with haematoxylin and eosin above 0; they sum "
        "to {}",
        sum);
  if (params.nucleus_min_um >= params.nucleus_max_um)
    return "'nucleus_min_um' must be below 'nucleus_max_um'";
  if (params.min_tiles > params.max_tiles) return "'min_tiles' must not exceed 'max_tiles'";
  return "";
}

std::vector<Rect> choose_tiles(const Grid& grid, const TissueMask& mask, const Params& params) {
  const std::int64_t columns = (grid.width + params.tile_px - 1) / params.tile_px;
  const std::int64_t rows = (grid.height + params.tile_px - 1) / params.tile_px;
  std::vector<Rect> tissue;
  for (std::int64_t j = 0; j < rows; ++j) {
    for (std::int64_t i = 0; i < columns; ++i) {
      const std::int64_t x = grid.width * i / columns;
      const std::int64_t y = grid.height * j / rows;
      const Rect area{x, y, grid.width * (i + 1) / columns - x, grid.height * (j + 1) / rows - y};
      const double share = tissue_share(grid, area, mask);
      if (share > 0 && share >= params.min_tissue) tissue.push_back(area);
    }
  }
  RandomStream random(static_cast<std::uint64_t>(params.seed), kTiles, 0);
  const auto order = permutation(static_cast<std::uint32_t>(tissue.size()), random);
  std::vector<Rect> out;
  for (std::size_t i = 0; i < std::min(order.size(), static_cast<std::size_t>(params.max_tiles));
       ++i)
    out.push_back(tissue[order[i]]);
  return out;
}

Standardisation fit(const Slide& slide,
                    const TissueMask& mask,
                    const stain::StainTemplate& target,
                    const Params& params,
                    const Reporting& reporting) {
  Standardisation out;
  out.method = params.method;
  out.target_name = target.source;
  out.target = stain::statistics_for(target, params.method);
  if (!target.warning.empty()) out.warnings.push_back(target.warning);
  Fit job(slide, mask, params, reporting);
  job.collect(out);
  try {
    job.estimate(out);
    const auto warnings = stain::ColourMap(out).warnings();
    out.warnings.insert(out.warnings.end(), warnings.begin(), warnings.end());
  } catch (const DataError& error) {
    throw DataError(slide.info().path.string() + ": " + error.what());
  }
  return out;
}

}  // namespace mito::stain_standardise
