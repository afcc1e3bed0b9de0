#pragma once
#include <functional>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/restained.h"
#include "nodes/reference/registration/stain_signal.h"

namespace mito::registration_local {

struct Params {
  double mpp = 0.5;
  int template_px = 128;
  double search_um = 16;
  double min_psr = 5.5;
  int neighbours = 8;
  double max_deviation_um = 5;
  image::SignalParams stain = {};

  static void describe(auto& p, auto&& field) {
    field("mpp", p.mpp,
          {.unit = Unit::MicronPerPixel,
           .range = {0.2, 64},
           .doc = "Resolution at which tiles are correlated."});
    field("template_px", p.template_px,
          {.unit = Unit::Pixel,
           .range = {16, 1024},
           .doc = "Side of the H&E tile around an object, in pixels of `mpp`."});
    field("search_um", p.search_um,
          {.unit = Unit::Micron,
           .range = {1, 1000},
           .doc = "The tile is sought up to this far off its global place, in x and in y."});
    field("min_psr", p.min_psr,
          {.range = {0, 1000},
           .doc = "Objects with a lower peak-to-sidelobe ratio keep their global place."});
    field("neighbours", p.neighbours,
          {.range = {0, 1000},
           .doc = "Nearest accepted objects a local shift is held against; 0: none."});
    field("max_deviation_um", p.max_deviation_um,
          {.unit = Unit::Micron,
           .range = {0, 1000},
           .doc = "Objects whose local shift differs more from the median of their neighbours keep "
                  "their global place."});
    image::SignalParams::describe(p.stain, field);
  }
};

/// Called before each object with its number and how many there are; may throw to stop.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

/// Carries spots of a PHH3 slide to its H&E slide: each to its global place p, then by its own
/// local shift d, found by correlating one tile around p at high magnification: p - d (Sec. III-B;
/// Method 11.2, 11.4). Where the local shift cannot be trusted (method 11.5) the object keeps p
/// and its status says why. With `scores` only spots of class 1, in the order of the spots.
/// An object with fewer than three accepted objects besides it is not held against them.
/// Throws DataError when `scores` has another length than `spots`.
LocalRegistration refine(const Slide& he,
                         const Slide& phh3,
                         const GlobalRegistration& global,
                         const SpotSet& spots,
                         const SpotScores* scores,
                         const Params& params,
                         const Progress& progress);

/// The neighbour test alone, on objects that passed the others. `mpp_x`, `mpp_y` of the PHH3
/// slide's level 0.
void flag_outliers(LocalRegistration& registration,
                   double mpp_x,
                   double mpp_y,
                   const Params& params);

}  // namespace mito::registration_local
