#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/core/random.h"
#include "engine/types/standardisation.h"
#include "nodes/slides/stain/hsd.h"
#include "nodes/slides/stain/nuclei.h"

namespace mito::stain {

/// The numbers of method 3.2, steps 2 to 4.
struct SampleOptions {
  double background_density = 0.24;          ///< Glass: D up to this,
  double background_channel_density = 0.22;  ///< and each channel up to this.
  double black_density = 5.5;                ///< Unscanned: D above this.
  NucleiOptions nuclei;
  double min_nuclei_per_mm2 = 605.6;   ///< 150 in 247700 um2.
  std::int64_t ink_px = 10000;         ///< As many pixels of ink spoil a tile.
  double ink_green_density = 1.0;      ///< Ink: D_G above this,
  double ink_red_over_green = 0.5;     ///< and D_R - D_G above this.
  double pale_nuclei_percent = 2;      ///< Nuclei with a mean D below this percentile are dropped.
  double red_nuclei_percent = 10;      ///< t_H: this percentile of the nuclei's mean D_R.
  double eosin_percent = 20;           ///< Eosin: D_R up to this percentile.
  std::int64_t min_class_px = 100000;  ///< Samples of each stain a tile must give.
  int neighbours = 7;

  static void describe(auto& p, auto&& field) {
    field("background_density", p.background_density,
          {.range = {0, 6}, .doc = "wsics: background has a density up to this,"});
    field("background_channel_density", p.background_channel_density,
          {.range = {0, 6}, .doc = "wsics: and a density up to this in each channel."});
    field("black_density", p.black_density,
          {.range = {0, 6}, .doc = "wsics: denser pixels are black, and background."});
    NucleiOptions::describe(p.nuclei, field);
    field("min_nuclei_per_mm2", p.min_nuclei_per_mm2,
          {.unit = Unit::PerSquareMillimetre,
           .range = {0, 1e6},
           .doc = "wsics: tiles with fewer nuclei are skipped (150 in 247700 um2)."});
    field(
        "ink_px", p.ink_px,
        {.unit = Unit::Pixel, .range = {1, 1e9}, .doc = "wsics: so many ink pixels spoil a tile."});
    field("ink_green_density", p.ink_green_density,
          {.range = {0, 6}, .doc = "wsics: ink is denser than this in green,"});
    field("ink_red_over_green", p.ink_red_over_green,
          {.range = {0, 6}, .doc = "wsics: and this much denser still in red."});
    field("pale_nuclei_percent", p.pale_nuclei_percent,
          {.range = {0, 100}, .doc = "wsics: the palest nuclei, by percentile, are not sampled."});
    field("red_nuclei_percent", p.red_nuclei_percent,
          {.range = {0, 100},
           .doc = "wsics: haematoxylin has a red density from this percentile of the nuclei on."});
    field("eosin_percent", p.eosin_percent,
          {.range = {0, 100},
           .doc = "wsics: eosin has a red density up to this percentile outside of nuclei."});
    field("neighbours", p.neighbours,
          {.range = {1, 1000}, .doc = "wsics: samples that decide on the class of another pixel."});
  }
};

/// Pixels of haematoxylin, eosin and background, or why there are none.
struct TileSamples {
  std::array<std::vector<Rgb8>, WsicsStatistics::kClasses> pixels;
  std::int64_t nuclei = 0;
  std::int64_t haematoxylin = 0;  ///< Samples the classifier of the tile was trained with.
  std::int64_t eosin = 0;
  std::string skipped;  ///< Empty when the tile can be used.
};

/// Sorts the pixels of a tile, `rgb` [height][width][3], into the three classes: sure samples in
/// and away from nuclei first, the others by their nearest neighbours. Method 3.2 steps 2 to 4.
TileSamples sample_tile(std::span<const std::uint8_t> rgb,
                        std::int64_t width,
                        std::int64_t height,
                        double mpp,
                        const SampleOptions& options,
                        RandomStream& random);

/// `count` of the values (all, when there are fewer), each subset equally likely, in their order.
std::vector<Rgb8> random_subset(std::span<const Rgb8> values,
                                std::size_t count,
                                RandomStream& random);

/// Share of pixels that are nearly white (all channels above `white`) or black (all up to 5).
double empty_share(std::span<const std::uint8_t> rgb, int white);

}  // namespace mito::stain
