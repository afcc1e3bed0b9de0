#include "nodes/reference/registration_global/registration_global.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/types/grid_maps.h"
#include "nodes/reference/registration/coarse_alignment.h"
#include "nodes/reference/registration/pair_correlation.h"
#include "nodes/reference/registration/transform_fit.h"

namespace mito::registration_global {
namespace {

// Streams are named after the stage, not the node's id: equal content keys, equal results.
constexpr std::string_view kStream = "registration_global";
constexpr std::uint64_t kRansacSample = 1ULL << 32;  // apart from the draws of tiles
constexpr int kMostDraws = 100;                      // method 11.3
constexpr double kMinSd = 1e-3;
constexpr std::size_t kFewestLandmarks = 36;  // method 11.6
constexpr std::size_t kMostLandmarks = 64;

image::SlideView view_of(const Slide& slide, double mpp) {
  const Grid grid = slide.grid(mpp);
  return {grid, [&slide, grid](const Rect& area) { return slide.read(grid, area); }};
}

bool is_tissue_um(const TissueMask& mask, const PointL0& um) {
  return mask.at(static_cast<std::int64_t>(std::floor(um.x / mask.grid.mpp)),
                 static_cast<std::int64_t>(std::floor(um.y / mask.grid.mpp)));
}

/// Centre of a mask pixel, um.
PointL0 centre_um(const TissueMask& mask, std::int64_t x, std::int64_t y) {
  return um_from_pixels(mask.grid).apply({static_cast<double>(x), static_cast<double>(y)});
}

bool on_both(const Pair& pair, const Affine& phh3_from_he, const PointL0& he_um) {
  return is_tissue_um(pair.he_mask, he_um) &&
         is_tissue_um(pair.phh3_mask, phh3_from_he.apply(he_um));
}

/// Pixels of the H&E mask that hold tissue on both slides.
std::vector<PointL0> common_tissue(const Pair& pair, const Affine& phh3_from_he) {
  std::vector<PointL0> out;
  for (std::int64_t y = 0; y < pair.he_mask.grid.height; ++y)
    for (std::int64_t x = 0; x < pair.he_mask.grid.width; ++x) {
      const PointL0 um = centre_um(pair.he_mask, x, y);
      if (on_both(pair, phh3_from_he, um)) out.push_back(um);
    }
  return out;
}

/// Share of a square of `side` um around `um` that is tissue, looked at in 32 x 32 places.
double tissue_share(const TissueMask& mask, const PointL0& um, double side) {
  constexpr int kPlaces = 32;
  int found = 0;
  for (int y = 0; y < kPlaces; ++y)
    for (int x = 0; x < kPlaces; ++x)
      found += is_tissue_um(mask, {um.x + side * ((x + 0.5) / kPlaces - 0.5),
                                   um.y + side * ((y + 0.5) / kPlaces - 0.5)})
                   ? 1
                   : 0;
  return found / static_cast<double>(kPlaces * kPlaces);
}

std::string names(const Pair& pair) {
  return fmt::format("slides {} and {}", pair.he.info().name, pair.phh3.info().name);
}

/// Pixel of a grid under a place.
std::pair<std::int64_t, std::int64_t> pixel_at(const Grid& grid, const PointL0& um) {
  return {static_cast<std::int64_t>(std::floor(um.x / grid.mpp)),
          static_cast<std::int64_t>(std::floor(um.y / grid.mpp))};
}

/// The random tile pairs and what their averaged heatmap says.
struct Averaged {
  std::vector<RegistrationTrial> trials;
  PointL0 shift_um;
  image::Peak peak;
  std::int64_t agreeing = 0;
};

[[noreturn]] void refuse_for_tissue(const Pair& pair,
                                    const Params& params,
                                    std::size_t found,
                                    std::size_t common) {
  const double side = params.template_px * params.mpp;
  if (common == 0)
    throw DataError(fmt::format(
        "registration failed: {} have no tissue in common at equal positions ({:.3g} and {:.3g} "
        "mm2 of tissue); if one of them was put on the stage turned, set model to rigid",
        names(pair), pair.he_mask.area_mm2, pair.phh3_mask.area_mm2));
  throw DataError(fmt::format(
      "registration failed: {}: only {} of {} tiles of {:g} um found in {} draws that are at least "
      "{:g} % tissue and not blank; lower template_px (now {}), min_tissue (now {:g}) or trials "
      "(now {})",
      names(pair), found, params.trials, side, kMostDraws, 100 * params.min_tissue,
      params.template_px, params.min_tissue, params.trials));
}

Averaged average_trials(const Pair& pair,
                        const Affine& phh3_from_he,
                        const Params& params,
                        const Stop& stop) {
  const auto he = view_of(pair.he, params.mpp);
  const image::PairCorrelation correlation(he, view_of(pair.phh3, params.mpp), phh3_from_he,
                                           params.stain);
  const int radius = std::max(1, static_cast<int>(std::lround(params.search_um / params.mpp)));
  const double side = params.template_px * params.mpp;
  const auto common = common_tissue(pair, phh3_from_he);
  Averaged out;
  std::vector<image::Heatmap> heatmaps;
  for (int draw = 0; draw < kMostDraws && !common.empty(); ++draw) {
    if (heatmaps.size() == static_cast<std::size_t>(params.trials)) break;
    if (stop()) throw Interrupted("stopped during the global registration");
    RandomStream random(static_cast<std::uint64_t>(params.seed), kStream,
                        static_cast<std::uint64_t>(draw));
    PointL0 um = common[random.below(static_cast<std::uint32_t>(common.size()))];
    um.x += random.uniform(-0.5, 0.5) * pair.he_mask.grid.mpp;
    um.y += random.uniform(-0.5, 0.5) * pair.he_mask.grid.mpp;
    if (tissue_share(pair.he_mask, um, side) < params.min_tissue) continue;
    const auto [x, y] = pixel_at(he.grid, um);
    auto match = correlation.at(x, y, params.template_px, radius);
    if (match.template_sd <= kMinSd || match.window_sd <= kMinSd) continue;
    const PointL0 shift = correlation.displacement_um(match.peak);
    out.trials.push_back({he.grid.to_level0(static_cast<double>(x), static_cast<double>(y)),
                          shift.x, shift.y, match.peak.value, match.peak.psr});
    heatmaps.push_back(std::move(match.heatmap));
  }
  if (heatmaps.size() < static_cast<std::size_t>(params.trials))
    refuse_for_tissue(pair, params, heatmaps.size(), common.size());
  out.peak = image::find_peak(image::average(heatmaps));
  out.shift_um = correlation.displacement_um(out.peak);
  out.agreeing = std::ranges::count_if(out.trials, [&](const RegistrationTrial& trial) {
    return std::hypot(trial.dx_um - out.shift_um.x, trial.dy_um - out.shift_um.y) <=
           params.agreement_um;
  });
  return out;
}

/// Throws unless the averaged heatmap can be trusted (method 11.5).
void require_trust(const Pair& pair, const Averaged& found, const Params& params) {
  const bool clear = found.peak.psr >= params.min_psr;
  const bool agreed = found.agreeing >= params.min_agreeing;
  const auto numbers = [&] {
    return fmt::format(
        "PSR {:.1f} (at least {:g}), {} of {} trials agree within {:g} um (at least {}), peak "
        "{:.3f} "
        "at ({:.1f}, {:.1f}) um",
        found.peak.psr, params.min_psr, found.agreeing, found.trials.size(), params.agreement_um,
        params.min_agreeing, found.peak.value, found.shift_um.x, found.shift_um.y);
  };
  if (!clear || !agreed)
    throw DataError(fmt::format(
        "registration failed: {}: {}: these slides do not show the same section{}", names(pair),
        numbers(),
        params.model == "shift"
            ? fmt::format(", or it lies more than {:g} um off (search_um) or turned (model: rigid)",
                          params.search_um)
            : ""));
  if (found.peak.on_border)
    throw DataError(fmt::format(
        "registration failed: {}: {}: the peak lies on the border of the search range; raise "
        "search_um (now {:g})",
        names(pair), numbers(), params.search_um));
}

/// Where on the H&E slide local shifts are measured, um.
std::vector<PointL0> landmark_places(const Pair& pair, const Affine& phh3_from_he) {
  const Grid& grid = pair.he_mask.grid;
  std::vector<PointL0> best;
  // Places of a square grid that hold tissue on both slides: the widest of ever narrower grids that
  // has enough of them.
  const double longest = static_cast<double>(std::max(grid.width, grid.height)) * grid.mpp;
  for (double step = longest / 4; step >= grid.mpp; step /= 1.1) {
    std::vector<PointL0> places;
    const double width = static_cast<double>(grid.width) * grid.mpp;
    const double height = static_cast<double>(grid.height) * grid.mpp;
    for (double y = step / 2; y < height; y += step)
      for (double x = step / 2; x < width; x += step)
        if (on_both(pair, phh3_from_he, {x, y})) places.push_back({x, y});
    if (places.size() > kMostLandmarks) break;
    best = std::move(places);
    if (best.size() >= kFewestLandmarks) break;
  }
  return best;
}

/// How local shifts are measured in one pass.
struct Pass {
  double mpp;
  int n;
  int radius;
  double inlier_um;
};

struct Fitted {
  Affine phh3_from_he;  ///< um
  std::int64_t places = 0;
  std::int64_t clear = 0;
  std::int64_t inliers = 0;
  double rms = 0;
};

image::MapFamily family_of(const std::string& model) {
  if (model == "rigid") return image::MapFamily::Rigid;
  if (model == "similarity") return image::MapFamily::Similarity;
  if (model == "affine") return image::MapFamily::Affine;
  return image::MapFamily::Translation;
}

[[noreturn]] void refuse_landmarks(const Pair& pair, const Fitted& fit, const Params& params) {
  throw DataError(fmt::format(
      "registration failed: {}: a {} map meets {} local shifts (at least {}) of {} clear ones at "
      "{} "
      "places: these slides do not show the same section",
      names(pair), params.model, fit.inliers, params.min_inliers, fit.clear, fit.places));
}

Fitted fit_landmarks(const Pair& pair,
                     const Affine& start,
                     const Pass& pass,
                     const Params& params,
                     const Stop& stop) {
  const auto he = view_of(pair.he, pass.mpp);
  const image::PairCorrelation correlation(he, view_of(pair.phh3, pass.mpp), start, params.stain);
  std::vector<image::PointPair> pairs;
  const auto places = landmark_places(pair, start);
  for (const auto& place : places) {
    if (stop()) throw Interrupted("stopped during the global registration");
    const auto [x, y] = pixel_at(he.grid, place);
    const auto match = correlation.at(x, y, pass.n, pass.radius);
    if (match.peak.on_border || match.peak.psr < params.min_landmark_psr) continue;
    const PointL0 d = correlation.displacement_um(match.peak);
    const PointL0 at =
        um_from_pixels(he.grid).apply({static_cast<double>(x), static_cast<double>(y)});
    pairs.push_back({start.apply({at.x + d.x, at.y + d.y}), at});
  }
  Fitted fit;
  fit.places = static_cast<std::int64_t>(places.size());
  fit.clear = static_cast<std::int64_t>(pairs.size());
  if (fit.clear < params.min_inliers) refuse_landmarks(pair, fit, params);
  RandomStream random(static_cast<std::uint64_t>(params.seed), kStream, kRansacSample);
  const auto robust =
      image::fit_map_robustly(family_of(params.model), pairs, {.inlier_distance = pass.inlier_um},
                              random, start.determinant() < 0);
  fit.inliers = static_cast<std::int64_t>(robust.inliers.size());
  fit.rms = robust.rms;
  if (fit.inliers < params.min_inliers) refuse_landmarks(pair, fit, params);
  fit.phh3_from_he = inverse(robust.map);
  return fit;
}

image::Plane thumbnail(const Slide& slide, double mpp, const image::Signal& signal) {
  const Grid grid = slide.grid(mpp);
  return signal.of(slide.read(grid, grid.bounds()), static_cast<int>(grid.width),
                   static_cast<int>(grid.height));
}

double longest_side_um(const Slide& slide) {
  const auto& info = slide.info();
  return std::max(static_cast<double>(info.width) * info.mpp_x,
                  static_cast<double>(info.height) * info.mpp_y);
}

Affine he_from_phh3_level0(const Pair& pair, const Affine& phh3_from_he_um) {
  const Grid he = pair.he.grid(1);
  const Grid phh3 = pair.phh3.grid(1);
  return compose(inverse(um_from_level0(he)),
                 compose(inverse(phh3_from_he_um), um_from_level0(phh3)));
}

GlobalRegistration result_of(const Pair& pair,
                             const Params& params,
                             Averaged averaged,
                             const Affine& phh3_from_he) {
  GlobalRegistration out;
  out.model = params.model;
  out.he_from_phh3 = he_from_phh3_level0(pair, phh3_from_he);
  out.shift_x_um = averaged.shift_um.x;
  out.shift_y_um = averaged.shift_um.y;
  const auto rotation = image::rotation_of(phh3_from_he);
  out.rotation_deg = rotation.degrees;
  out.mirrored = rotation.mirrored;
  out.peak = averaged.peak.value;
  out.psr = averaged.peak.psr;
  out.agreeing = averaged.agreeing;
  out.trials = std::move(averaged.trials);
  return out;
}

}  // namespace

std::string check(const Params& params) {
  if (params.min_agreeing > params.trials)
    return fmt::format("min_agreeing ({}) cannot be more than trials ({})", params.min_agreeing,
                       params.trials);
  if (params.search_um < params.mpp)
    return fmt::format("search_um ({:g}) must be at least mpp ({:g})", params.search_um,
                       params.mpp);
  return "";
}

Affine coarse_start(const Slide& he, const Slide& phh3, const Params& params) {
  const auto he_signal = image::Signal::of_he(params.stain);
  const auto phh3_signal = image::Signal::of_phh3(params.stain);
  const double longest = std::max(longest_side_um(he), longest_side_um(phh3));
  const auto aligned = [&](int px, const std::vector<image::Rotation>& rotations) {
    const double mpp = longest / px;
    auto found = image::align_thumbnails(thumbnail(he, mpp, he_signal),
                                         thumbnail(phh3, mpp, phh3_signal), rotations);
    const Affine um = um_from_pixels(he.grid(mpp));
    found.moving_from_fixed = compose(um, compose(found.moving_from_fixed, inverse(um)));
    return found;
  };
  const auto coarse = aligned(params.coarse_px,
                              image::quarter_turns(params.rotation_range_deg, params.allow_mirror));
  std::vector<image::Rotation> finer;
  for (int step = -5; step <= 5; ++step) {
    finer.push_back(coarse.rotation);
    finer.back().degrees += 0.2 * step;
  }
  return aligned(2 * params.coarse_px, finer).moving_from_fixed;
}

GlobalRegistration align(const Pair& pair, const Params& params, const Stop& stop) {
  if (params.model == "shift") {
    auto averaged = average_trials(pair, Affine{}, params, stop);
    require_trust(pair, averaged, params);
    const PointL0 shift = averaged.shift_um;
    return result_of(pair, params, std::move(averaged), {1, 0, shift.x, 0, 1, shift.y});
  }
  const Affine start = coarse_start(pair.he, pair.phh3, params);
  // The first pass bridges what thumbnails leave: a pixel of them, and a scale that differs by a
  // per cent.
  const Fitted rough =
      fit_landmarks(pair, start, {params.mpp, 128, 64, 3 * params.inlier_um}, params, stop);
  const Fitted fine = fit_landmarks(pair, rough.phh3_from_he,
                                    {params.landmark_mpp, 128, 32, params.inlier_um}, params, stop);
  auto averaged = average_trials(pair, fine.phh3_from_he, params, stop);
  require_trust(pair, averaged, params);
  const double off = std::hypot(averaged.shift_um.x, averaged.shift_um.y);
  if (off > params.agreement_um)
    throw DataError(fmt::format(
        "registration failed: {}: the averaged correlation peaks {:.1f} um off the fitted map (at "
        "most {:g}), PSR {:.1f}, {} inliers of {} clear local shifts",
        names(pair), off, params.agreement_um, averaged.peak.psr, fine.inliers, fine.clear));
  auto out = result_of(pair, params, std::move(averaged), fine.phh3_from_he);
  out.landmarks = fine.clear;
  out.inliers = fine.inliers;
  out.residual_um = fine.rms;
  return out;
}

}  // namespace mito::registration_global
