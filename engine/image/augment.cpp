#include "engine/image/augment.h"

#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/image/hed.h"
#include "engine/image/smooth.h"

namespace mito::image {
namespace {

Pixels pixels_of(Patch&& patch) { return {patch.size, patch.size, 3, std::move(patch.values)}; }

Patch patch_of(Pixels&& pixels) {
  Patch patch;
  patch.size = pixels.width;
  patch.values = std::move(pixels.values);
  return patch;
}

struct Stain {
  Vec3 alpha{};
  Vec3 beta{};
};

Stain draw_stain(double sigma, RandomStream& random) {
  Stain stain;
  for (auto& a : stain.alpha) a = random.uniform(1 - sigma, 1 + sigma);
  for (auto& b : stain.beta) b = random.uniform(-sigma, sigma);
  return stain;
}

int draw_shift(int margin, RandomStream& random) {
  return static_cast<int>(random.below(static_cast<std::uint32_t>(2 * margin + 1))) - margin;
}

}  // namespace

Augmentation augmentation(std::string_view preset, double stain_sigma) {
  constexpr Augmentation::Range kZoom{0.75, 1.25};
  constexpr Augmentation::Range kBlur{0, 2};
  Augmentation out;
  if (preset == "none") return out;
  out.rotate = out.shift = true;
  if (preset == "RTC") {
    out.stain_sigma = stain_sigma;
    return out;
  }
  out.elastic.emplace();
  out.blur_px = kBlur;
  if (preset == "PHH3") return out;
  out.zoom = kZoom;
  if (preset == "RSEB") return out;
  out.stain_sigma = stain_sigma;
  if (preset == "RCSEB") return out;
  throw DataError("unknown augmentation '" + std::string(preset) +
                  "': expected none, RTC, PHH3, RSEB or RCSEB");
}

Patch augment(const Patch& in, const Augmentation& what, RandomStream& random, int out) {
  if (in.size < out)
    throw DataError("augmentation: a patch of " + std::to_string(in.size) +
                    " px is smaller than the crop of " + std::to_string(out) + " px");
  if (what.stain_sigma && !(*what.stain_sigma >= 0))
    throw DataError("augmentation: sigma must not be negative");

  Patch patch = in;
  if (what.rotate) {
    const auto turns = static_cast<int>(random.below(4));
    const auto axis = static_cast<Mirror>(random.below(4));
    patch = mirror(rotate90(in, turns), axis);
  }
  if (what.zoom) patch = zoom(patch, random.uniform(what.zoom->low, what.zoom->high));
  if (what.elastic) {
    const auto field =
        random_elastic_field(in.size, in.size, what.elastic->alpha, what.elastic->sigma_px, random);
    patch = patch_of(warp(pixels_of(std::move(patch)), field));
  }
  std::optional<Stain> stain;
  if (what.stain_sigma) stain = draw_stain(*what.stain_sigma, random);
  // Pixel by pixel, so it may as well be done to the crop alone, unless neighbours are mixed next.
  const bool stain_the_crop = stain && !what.blur_px;
  if (stain && !stain_the_crop) hed_augment(patch.values, stain->alpha, stain->beta);
  if (what.blur_px) {
    const double sigma = random.uniform(what.blur_px->low, what.blur_px->high);
    patch = patch_of(blur(pixels_of(std::move(patch)), sigma));
  }
  CropOrigin origin = crop_origin(in.size, out, 0, 0);
  if (what.shift) {
    const int margin = (in.size - out) / 2;
    const int shift_x = draw_shift(margin, random);
    const int shift_y = draw_shift(margin, random);
    origin = crop_origin(in.size, out, shift_x, shift_y);
  }
  patch = crop(patch, origin, out);
  if (stain_the_crop) hed_augment(patch.values, stain->alpha, stain->beta);
  return patch;
}

}  // namespace mito::image
