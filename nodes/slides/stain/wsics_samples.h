#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

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
  double min_nuclei_per_um2 = 150.0 / 247700;
  std::int64_t max_ink_px = 10000;     ///< As many pixels of ink spoil a tile.
  double ink_green_density = 1.0;      ///< Ink: D_G above this,
  double ink_red_over_green = 0.5;     ///< and D_R - D_G above this.
  double pale_nuclei_percent = 2;      ///< Nuclei with a mean D below this percentile are dropped.
  double red_nuclei_percent = 10;      ///< t_H: this percentile of the nuclei's mean D_R.
  double eosin_percent = 20;           ///< Eosin: D_R up to this percentile.
  std::int64_t min_class_px = 100000;  ///< Samples of each stain a tile must give.
  int neighbours = 7;
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
