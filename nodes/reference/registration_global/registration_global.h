#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"
#include "engine/types/restained.h"
#include "nodes/reference/registration/stain_signal.h"

namespace mito::registration_global {

struct Params {
  std::string model = "shift";
  double mpp = 2;
  int template_px = 256;
  double search_um = 512;
  int trials = 10;
  double min_tissue = 0.5;
  std::int64_t seed = 1;
  double min_psr = 7;
  double agreement_um = 10;
  int min_agreeing = 5;
  bool allow_mirror = true;
  double rotation_range_deg = 10;
  int coarse_px = 320;
  double landmark_mpp = 0.5;
  double inlier_um = 4;
  double min_landmark_psr = 5.5;
  int min_inliers = 12;
  image::SignalParams stain = {};

  static void describe(auto& p, auto&& field) {
    field(
        "model", p.model,
        {.choices = {"shift", "rigid", "similarity", "affine"},
         .origin = Origin::Paper,
         .doc = "How the slides may differ. shift: both lie on their glass alike, as in the paper. "
                "The others also find out how the second slide was turned or laid on its face."});
    field("mpp", p.mpp,
          {.unit = Unit::MicronPerPixel,
           .range = {0.25, 64},
           .doc = "Resolution at which tiles are correlated."});
    field("template_px", p.template_px,
          {.unit = Unit::Pixel,
           .range = {32, 2048},
           .doc = "Side of the H&E tiles that are sought on the PHH3 slide, in pixels of `mpp`."});
    field("search_um", p.search_um,
          {.unit = Unit::Micron,
           .range = {1, 20000},
           .doc = "The tiles are sought up to this far off, in x and in y."});
    field("trials", p.trials,
          {.range = {1, 1000},
           .origin = Origin::Paper,
           .doc = "Random tile pairs whose heatmaps are averaged (Sec. III-B: 10)."});
    field("min_tissue", p.min_tissue,
          {.range = {0, 1}, .doc = "Share of a tile that must be tissue; else it is drawn again."});
    field("seed", p.seed, {.range = {0, 4294967295.0}, .doc = "Seed of the random tiles."});
    field("min_psr", p.min_psr,
          {.range = {0, 1000},
           .doc = "The registration fails when the peak-to-sidelobe ratio is below this."});
    field("agreement_um", p.agreement_um,
          {.unit = Unit::Micron,
           .range = {0, 1000},
           .doc = "A trial agrees when its own peak lies this close to the averaged one."});
    field("min_agreeing", p.min_agreeing,
          {.range = {0, 1000}, .doc = "The registration fails when fewer trials agree."});
    field("allow_mirror", p.allow_mirror,
          {.doc = "Models other than shift: also try the PHH3 slide laid on its face."});
    field("rotation_range_deg", p.rotation_range_deg,
          {.unit = Unit::None,
           .range = {0, 45},
           .doc = "Models other than shift: turns by 0, 90, 180 and 270 degrees are tried, each up "
                  "to this many degrees more or less; 45 tries every rotation."});
    field("coarse_px", p.coarse_px,
          {.unit = Unit::Pixel,
           .range = {64, 2048},
           .doc = "Models other than shift: longer side of the thumbnails the rotation is sought "
                  "on; it is refined on thumbnails twice as large."});
    field("landmark_mpp", p.landmark_mpp,
          {.unit = Unit::MicronPerPixel,
           .range = {0.2, 64},
           .doc = "Models other than shift: resolution of the 36 to 64 local shifts the map is "
                  "fitted to."});
    field("inlier_um", p.inlier_um,
          {.unit = Unit::Micron,
           .range = {0.1, 1000},
           .doc = "Models other than shift: local shifts the map meets this closely are inliers."});
    field("min_landmark_psr", p.min_landmark_psr,
          {.range = {0, 1000},
           .doc = "Models other than shift: local shifts with a lower peak-to-sidelobe ratio are "
                  "not used."});
    field("min_inliers", p.min_inliers,
          {.range = {3, 64},
           .doc = "Models other than shift: the registration fails with fewer inliers."});
    image::SignalParams::describe(p.stain, field);
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// Two slides and where they hold tissue.
struct Pair {
  const Slide& he;
  const Slide& phh3;
  const TissueMask& he_mask;
  const TissueMask& phh3_mask;
};

using Stop = std::function<bool()>;

/// Where the PHH3 slide of a section lies on its H&E slide: the maximum of the cross-correlation
/// of random tile pairs, averaged (Sec. III-B; method 11.3, 11.5). Models other than `shift`
/// (method 11.6) start from thumbnails over rotations and mirroring, then fit a map to local
/// shifts by RANSAC and least squares, and are trusted by the same average, taken under that map.
///
/// Throws DataError with the numbers when the result cannot be trusted or there is too little
/// tissue on both slides, Interrupted when `stop` says so.
GlobalRegistration align(const Pair& pair, const Params& params, const Stop& stop);

/// The coarse start alone: um of the H&E slide to um of the PHH3 slide, from their top left
/// corners. Not tested for trust.
Affine coarse_start(const Slide& he, const Slide& phh3, const Params& params);

}  // namespace mito::registration_global
