#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"
#include "engine/types/standardisation.h"
#include "nodes/slides/stain/mixture.h"
#include "nodes/slides/stain/naive_bayes.h"
#include "nodes/slides/stain/stain_template.h"
#include "nodes/slides/stain/wsics_samples.h"

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
  stain::SampleOptions samples = {};
  stain::ClassifierOptions classifier = {};

  std::int64_t max_pixels = 300000;
  std::string macenko_variant = "veta";
  stain::MacenkoOptions macenko = {};
  stain::StainPairOptions pair = {};  ///< Of both methods of mixtures.
  stain::VahadaneOptions vahadane = {};
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
    field("seed", p.seed, seed_field("Seed of the choice of tiles and pixels."));
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
    field(
        "white_level", p.white_level,
        {.unit = Unit::Level, .range = {0, 255}, .doc = "Nearly white: all channels above this."});
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
    stain::SampleOptions::describe(p.samples, field);
    stain::ClassifierOptions::describe(p.classifier, field);
  }
  static void describe_others(auto& p, auto&& field) {
    field("max_pixels", p.max_pixels,
          {.range = {1000, 1e9}, .doc = "macenko, vahadane, reinhard: pixels of the whole slide."});
    field("macenko_variant", p.macenko_variant,
          {.choices = {"veta", "staintools"},
           .doc = "macenko: as published, or as StainTools does it (densities on 255, tissue by "
                  "luminosity, vectors of unit length)."});
    stain::MacenkoOptions::describe(p.macenko, field);
    stain::StainPairOptions::describe(p.pair, field);
    stain::VahadaneOptions::describe(p.vahadane, field);
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
