#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide_collection.h"
#include "engine/types/training.h"
#include "nodes/detector/augmentation/augmentation.h"

namespace mito::augment {

/// The operators by their letters of method 6.2, in the order in which they are applied.
inline constexpr std::array<std::string_view, 13> kOperators{
    "X", "R", "M", "S", "E", "C", "RandStainNA", "H", "B", "T", "U", "G", "JPEG"};

struct Params {
  std::string preset = "RCSEHBG";
  std::vector<std::string> operators = {};
  std::string rotation = "quarter";
  std::vector<double> zoom_range = {};
  std::vector<double> elastic_alpha = {};
  std::vector<double> elastic_sigma_px = {};
  std::optional<double> stain_sigma = {};
  std::vector<double> stain_cutoff = {};
  std::vector<double> stain_statistics = {};
  std::vector<double> colour_range = {};
  std::vector<double> contrast_range = {};
  std::vector<double> brightness_range = {};
  std::vector<double> blur_px = {};
  std::optional<double> shift_px = {};
  std::vector<double> noise_sd = {};
  std::vector<double> jpeg_quality = {};
  std::vector<double> exchange_share = {};
  std::vector<double> seam_px = {};
  std::vector<double> sharpen_amount = {};
  std::optional<double> p_rotation = {};
  std::optional<double> p_zoom = {};
  std::optional<double> p_elastic = {};
  std::optional<double> p_stain = {};
  std::optional<double> p_randstainna = {};
  std::optional<double> p_enhance = {};
  std::optional<double> p_blur = {};
  std::optional<double> p_shift = {};
  std::optional<double> p_noise = {};
  std::optional<double> p_jpeg = {};
  std::optional<double> p_exchange = {};
  std::optional<double> p_seam = {};
  std::optional<double> p_sharpen = {};

  static void describe(auto& p, auto&& field) {
    field("preset", p.preset,
          {.choices = {image::kAugmentations.begin(), image::kAugmentations.end()},
           .origin = Origin::Paper,
           .doc = "Which operators with which numbers (method 6.4, 14). RSEB, RCSEB, RCSEHBG: "
                  "experiments 1 to 3; PHH3: CNN1 and CNN2; RTC: R, T, C; none: central crop; "
                  "HED-light, HED-strong, RandStainNA: later ways to vary the stain; JPEG: "
                  "RCSEHBG with compression instead of noise."});
    field("operators", p.operators,
          {.doc =
               "Only these operators, of X, R, M, S, E, C, RandStainNA, H, B, T, U, G and JPEG, "
               "instead of those of the preset; one that the preset lacks has the paper's numbers. "
               "Empty = those of the preset. The order of application is fixed."});
    field("rotation", p.rotation,
          {.choices = {"quarter", "continuous"},
           .doc = "R: quarter turns, or any angle; mirroring follows."});
    field("zoom_range", p.zoom_range,
          {.range = {0.01, 100}, .doc = "S: lowest and highest factor (paper: 0.75, 1.25)."});
    field("elastic_alpha", p.elastic_alpha,
          {.range = {0, 1e6}, .doc = "E: alpha, or its lowest and highest value (paper: 100)."});
    field("elastic_sigma_px", p.elastic_sigma_px,
          {.unit = Unit::Pixel,
           .range = {0, 128},
           .doc = "E: sigma, or its lowest and highest value (paper: 10)."});
    field("stain_sigma", p.stain_sigma,
          {.range = {0, 1}, .doc = "C: alpha in 1 +- sigma, beta in +- sigma (paper: 0.05)."});
    field("stain_cutoff", p.stain_cutoff,
          {.range = {0, 1},
           .doc = "C is applied only to patches whose mean value lies between these two numbers "
                  "(HED-light and HED-strong: 0.15, 0.85; [0, 1] = to all)."});
    field("stain_statistics", p.stain_statistics,
          {.doc = "RandStainNA: 36 numbers, instead of the input 'statistics': for LAB, HSV, HED, "
                  "and for each channel, mean and sd of the means, mean and sd of the sds."});
    field("colour_range", p.colour_range,
          {.range = {0, 100}, .doc = "H: lowest and highest factor (paper: 0.75, 1.5)."});
    field("contrast_range", p.contrast_range,
          {.range = {0, 100}, .doc = "H: lowest and highest factor (paper: 0.75, 1.5)."});
    field("brightness_range", p.brightness_range,
          {.range = {0, 100}, .doc = "H: lowest and highest factor (paper: 0.75, 1.25)."});
    field("blur_px", p.blur_px,
          {.unit = Unit::Pixel,
           .range = {0, 64},
           .doc = "B: lowest and highest sigma (paper: 0, 2)."});
    field("shift_px", p.shift_px,
          {.unit = Unit::Pixel,
           .range = {0, 14},
           .doc = "T: farthest shift; without it 14, all that the patch allows."});
    field("noise_sd", p.noise_sd,
          {.range = {0, 10},
           .doc = "G: lowest and highest standard deviation on [0, 1] (paper: 0, 0.1)."});
    field("jpeg_quality", p.jpeg_quality,
          {.range = {1, 100}, .doc = "JPEG: lowest and highest quality (40, 95)."});
    field("exchange_share", p.exchange_share,
          {.range = {0, 1},
           .affects = Affects::Addition,
           .doc = "X: how far each channel's optical density goes to the mean and deviation of "
                  "another patch of the batch, lowest and highest (0, 1)."});
    field("seam_px", p.seam_px,
          {.unit = Unit::Pixel,
           .range = {1, 128},
           .affects = Affects::Addition,
           .doc = "M: lowest and highest distance from the middle of the line from which on the "
                  "patch is its own mirror image, as at the edge of a small image (20, 64)."});
    field("sharpen_amount", p.sharpen_amount,
          {.range = {0, 10},
           .affects = Affects::Addition,
           .doc = "U: lowest and highest strength of unsharp masking (0, 1)."});
    constexpr std::string_view kP =
        "Share of the patches the operator is applied to; without it all, of M and U half.";
    for (const auto& [name, value] : probabilities(p))
      field(name, *value, {.unit = Unit::Probability, .range = {0, 1}, .doc = kP});
    for (const auto& [name, value] : later_probabilities(p))
      field(name, *value,
            {.unit = Unit::Probability, .range = {0, 1}, .affects = Affects::Addition, .doc = kP});
  }

 private:
  static auto probabilities(auto& p) {
    using Value = decltype(&p.p_rotation);
    return std::array<std::pair<std::string_view, Value>, 10>{{{"p_rotation", &p.p_rotation},
                                                               {"p_zoom", &p.p_zoom},
                                                               {"p_elastic", &p.p_elastic},
                                                               {"p_stain", &p.p_stain},
                                                               {"p_randstainna", &p.p_randstainna},
                                                               {"p_enhance", &p.p_enhance},
                                                               {"p_blur", &p.p_blur},
                                                               {"p_shift", &p.p_shift},
                                                               {"p_noise", &p.p_noise},
                                                               {"p_jpeg", &p.p_jpeg}}};
  }
  static auto later_probabilities(auto& p) {
    using Value = decltype(&p.p_rotation);
    return std::array<std::pair<std::string_view, Value>, 3>{
        {{"p_exchange", &p.p_exchange}, {"p_seam", &p.p_seam}, {"p_sharpen", &p.p_sharpen}}};
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// What the parameters ask for; `statistics` may be null. Throws DataError when RandStainNA is
/// asked for and there are no statistics.
image::Augmentation augmentation(const Params& params, const image::StainStatistics* statistics);

/// The same parameters with every number that is in effect said: `operators` lists those that are
/// there, and what belongs to one of them has its number, by the preset where none was given. What
/// belongs to an operator that is not there is empty. Asks for the same as `params`.
Params in_effect(const Params& params);

/// Changes every patch of a batch. The random numbers of a patch depend on the seed of the
/// training, the epoch and the patch's index in the epoch alone (method 0.5): not on threads, nor
/// on which batch it is in. X takes the stain of a patch of the same batch, which the same numbers
/// choose, from a stream of their own: the other operators draw the same with and without it.
TrainingBatch apply(const image::Augmentation& what, const PatchBatch& batch);

struct FitParams {
  std::int64_t patches = 2000;

  static void describe(auto& p, auto&& field) {
    field("patches", p.patches,
          {.range = {1, 1e9},
           .doc = "At most so many patches, evenly spread over the list, are looked at."});
  }
};

/// Statistics of the patches of a set for RandStainNA, of 128 x 128 px each. `slides` may be null
/// when the set has its own pixels. Throws DataError when there is no patch, or as PatchReader
/// does.
image::StainStatistics fit(const FitParams& params,
                           const PatchSet& set,
                           const SlideCollection* slides);

}  // namespace mito::augment
