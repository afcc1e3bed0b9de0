#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"
#include "engine/types/standardisation.h"
#include "nodes/slides/stain/stain_template.h"

namespace mito::stain_standardise {

struct Params {
  std::string method = "wsics";
  std::int64_t seed = 1;
  int tile_px = 2048;
  int max_tiles = 20;
  int min_tiles = 3;
  double min_tissue = 0.25;
  double max_empty = 0.5;
  int white_level = 200;

  std::int64_t min_training = 200000;
  std::int64_t max_training = 2000000;
  std::vector<double> class_shares = {0.45, 0.45, 0.1};
  double background_density = 0.24;
  double background_channel_density = 0.22;
  double black_density = 5.5;
  double nucleus_min_um = 1.94;
  double nucleus_max_um = 4.86;
  double nucleus_contrast = 0.08;
  double min_nuclei_per_mm2 = 605.6;
  std::int64_t ink_px = 10000;
  double ink_green_density = 1.0;
  double ink_red_over_green = 0.5;
  double pale_nuclei_percent = 2;
  double red_nuclei_percent = 10;
  double eosin_percent = 20;
  int neighbours = 7;
  int bins = 100;
  double sigma_bins = 3;

  std::int64_t max_pixels = 300000;
  std::string macenko_variant = "veta";
  double white = 240;
  double min_density = 0.15;
  double alpha_percent = 1;
  double top_percent = 99;
  std::int64_t min_pixels = 1000;
  double min_angle_deg = 5;
  double lambda = 0.1;
  double final_lambda = 0.01;
  double tolerance = 1e-5;
  int max_sweeps = 200;
  double max_luminosity = 0.8;
  bool whole_tiles = false;

  static void describe(auto& p, auto&& field) {
    describe_tiles(p, field);
    describe_wsics(p, field);
    describe_others(p, field);
  }

 private:
  static void describe_tiles(auto& p, auto&& field) {
    field("method", p.method,
          {.choices = {"wsics", "macenko", "vahadane", "reinhard"},
           .origin = Origin::Paper,
           .doc = "How colours are brought to those of the template. The paper uses wsics."});
    field("seed", p.seed,
          {.range = {0, 4294967295.0}, .doc = "Seed of the choice of tiles and pixels."});
    field("tile_px", p.tile_px,
          {.unit = Unit::Pixel,
           .range = {64, 8192},
           .doc = "Largest side of the tiles that pixels are taken from, on the analysis grid; the "
                  "slide is divided evenly."});
    field("max_tiles", p.max_tiles,
          {.range = {1, 10000}, .doc = "Tiles that are looked at, in random order."});
    field("min_tiles", p.min_tiles,
          {.range = {1, 10000}, .doc = "Fewer usable tiles are an error. 1 for single images."});
    field("min_tissue", p.min_tissue,
          {.range = {0, 1}, .doc = "Share of a tile that the tissue mask must cover."});
    field("max_empty", p.max_empty,
          {.range = {0, 1}, .doc = "A tile is skipped with this share of nearly white or black."});
    field("white_level", p.white_level,
          {.range = {0, 255}, .doc = "Nearly white: all channels above this."});
  }
  static void describe_wsics(auto& p, auto&& field) {
    field("min_training", p.min_training,
          {.range = {20, 1e9},
           .doc = "wsics: a tile must give half as many samples of haematoxylin and of eosin."});
    field("max_training", p.max_training,
          {.range = {100, 1e9}, .doc = "wsics: pixels taken of the whole slide."});
    field("class_shares", p.class_shares,
          {.range = {0, 1},
           .doc = "wsics: shares of haematoxylin, eosin and background among them."});
    field("background_density", p.background_density,
          {.range = {0, 6}, .doc = "wsics: background has a density up to this,"});
    field("background_channel_density", p.background_channel_density,
          {.range = {0, 6}, .doc = "wsics: and a density up to this in each channel."});
    field("black_density", p.black_density,
          {.range = {0, 6}, .doc = "wsics: denser pixels are black, and background."});
    field("nucleus_min_um", p.nucleus_min_um,
          {.unit = Unit::Micron, .range = {0.1, 100}, .doc = "wsics: least semi-axis of nuclei."});
    field(
        "nucleus_max_um", p.nucleus_max_um,
        {.unit = Unit::Micron, .range = {0.1, 100}, .doc = "wsics: largest semi-axis of nuclei."});
    field("nucleus_contrast", p.nucleus_contrast,
          {.range = {0.001, 6}, .doc = "wsics: density of a nucleus above its surroundings."});
    field("min_nuclei_per_mm2", p.min_nuclei_per_mm2,
          {.unit = Unit::SquareMillimetre,
           .range = {0, 1e6},
           .doc = "wsics: tiles with fewer nuclei are skipped (150 in 247700 um2)."});
    field("ink_px", p.ink_px,
          {.range = {1, 1e9}, .doc = "wsics: so many ink pixels spoil a tile."});
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
    field("bins", p.bins, {.range = {2, 10000}, .doc = "wsics: bins of the colour classifier."});
    field("sigma_bins", p.sigma_bins,
          {.range = {0.1, 100}, .doc = "wsics: how widely a sample counts, in bins."});
  }
  static void describe_others(auto& p, auto&& field) {
    field("max_pixels", p.max_pixels,
          {.range = {1000, 1e9}, .doc = "macenko, vahadane, reinhard: pixels of the whole slide."});
    field("macenko_variant", p.macenko_variant,
          {.choices = {"veta", "staintools"},
           .doc = "macenko: as published, or as StainTools does it (densities on 255, tissue by "
                  "luminosity, vectors of unit length)."});
    field("white", p.white,
          {.unit = Unit::Intensity, .range = {1, 255}, .doc = "macenko: light without stain, Io."});
    field(
        "min_density", p.min_density,
        {.range = {0, 6}, .doc = "macenko: pixels with any density below this (beta) are glass."});
    field(
        "alpha_percent", p.alpha_percent,
        {.range = {0, 50}, .doc = "macenko: percentile of the angle that gives a stain (alpha)."});
    field("top_percent", p.top_percent,
          {.range = {50, 100},
           .doc = "macenko, vahadane: percentile of the amounts that is matched."});
    field("min_pixels", p.min_pixels,
          {.range = {2, 1e9}, .doc = "macenko, vahadane: tissue pixels needed."});
    field("min_angle_deg", p.min_angle_deg,
          {.range = {0, 90}, .doc = "macenko, vahadane: least angle between the two stains."});
    field("lambda", p.lambda, {.range = {0, 10}, .doc = "vahadane: weight of the sparsity term."});
    field("final_lambda", p.final_lambda,
          {.range = {0, 10},
           .doc = "vahadane: the same in the second pass, which removes most of the bias of the "
                  "first; as large as lambda for none."});
    field("tolerance", p.tolerance,
          {.range = {0, 1}, .doc = "vahadane: relative change at which the iteration stops."});
    field("max_sweeps", p.max_sweeps,
          {.range = {1, 100000}, .doc = "vahadane: most sweeps over all pixels."});
    field("max_luminosity", p.max_luminosity,
          {.range = {0.01, 1},
           .doc = "vahadane and macenko's staintools: tissue has CIELAB L / 100 below this."});
    field("whole_tiles", p.whole_tiles,
          {.doc = "reinhard: statistics over all pixels of the tiles instead of tissue only."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// What the fitting is told from outside.
struct Reporting {
  std::function<bool()> stop = [] { return false; };
  std::function<void(const std::string&, double)> progress = [](const std::string&, double) {};
};

/// The slide divided evenly into tiles of at most `tile_px`, of which those with enough tissue, in
/// random order, at most `max_tiles`.
std::vector<Rect> choose_tiles(const Grid& grid, const TissueMask& mask, const Params& params);

/// Estimates how the colours of a slide become those of the template. Method 3.2 to 3.5.
/// Throws DataError naming the slide when there are too few usable tiles, with what became of each
/// and what to change, or when the method fails; Interrupted when asked to stop.
Standardisation fit(const Slide& slide,
                    const TissueMask& mask,
                    const stain::StainTemplate& target,
                    const Params& params,
                    const Reporting& reporting = {});

}  // namespace mito::stain_standardise
