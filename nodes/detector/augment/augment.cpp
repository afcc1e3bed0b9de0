#include "nodes/detector/augment/augment.h"

#include <algorithm>
#include <span>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/slide/patch_reader.h"
#include "nodes/detector/augmentation/stain_exchange.h"

namespace mito::augment {
namespace {

using image::Augmentation;
using Range = Augmentation::Range;

constexpr int kMostShift = 14;  // px, as far as the margin of the crop allows

bool asked_for(const Params& params, std::string_view name) {
  return std::ranges::find(params.operators, name) != params.operators.end();
}

/// The preset's operators, or those that are listed.
Augmentation chosen(const Params& params) {
  Augmentation out = image::augmentation(params.preset);
  if (params.operators.empty()) return out;
  const auto choose = [&](std::string_view name, auto& one) {
    if (!asked_for(params, name)) {
      one.reset();
    } else if (!one) {
      one.emplace();
    }
  };
  choose("X", out.exchange);
  choose("R", out.rotate);
  choose("M", out.seam);
  choose("S", out.zoom);
  choose("E", out.elastic);
  choose("C", out.stain);
  choose("RandStainNA", out.randstainna);
  choose("H", out.enhance);
  choose("B", out.blur);
  choose("T", out.shift);
  choose("U", out.sharpen);
  choose("G", out.noise);
  choose("JPEG", out.jpeg);
  return out;
}

/// A parameter that belongs to an operator: its name, whether it is given, whether the operator is
/// there.
struct Belongs {
  std::string_view name;
  bool given;
  bool used;
  std::string_view to;
};

std::vector<Belongs> belongings(const Params& p, const Augmentation& what) {
  return {
      {"zoom_range", !p.zoom_range.empty(), what.zoom.has_value(), "S"},
      {"elastic_alpha", !p.elastic_alpha.empty(), what.elastic.has_value(), "E"},
      {"elastic_sigma_px", !p.elastic_sigma_px.empty(), what.elastic.has_value(), "E"},
      {"stain_sigma", p.stain_sigma.has_value(), what.stain.has_value(), "C"},
      {"stain_cutoff", !p.stain_cutoff.empty(), what.stain.has_value(), "C"},
      {"stain_statistics", !p.stain_statistics.empty(), what.randstainna.has_value(),
       "RandStainNA"},
      {"colour_range", !p.colour_range.empty(), what.enhance.has_value(), "H"},
      {"contrast_range", !p.contrast_range.empty(), what.enhance.has_value(), "H"},
      {"brightness_range", !p.brightness_range.empty(), what.enhance.has_value(), "H"},
      {"blur_px", !p.blur_px.empty(), what.blur.has_value(), "B"},
      {"shift_px", p.shift_px.has_value(), what.shift.has_value(), "T"},
      {"noise_sd", !p.noise_sd.empty(), what.noise.has_value(), "G"},
      {"jpeg_quality", !p.jpeg_quality.empty(), what.jpeg.has_value(), "JPEG"},
      {"exchange_share", !p.exchange_share.empty(), what.exchange.has_value(), "X"},
      {"seam_px", !p.seam_px.empty(), what.seam.has_value(), "M"},
      {"sharpen_amount", !p.sharpen_amount.empty(), what.sharpen.has_value(), "U"},
      {"p_exchange", p.p_exchange.has_value(), what.exchange.has_value(), "X"},
      {"p_seam", p.p_seam.has_value(), what.seam.has_value(), "M"},
      {"p_sharpen", p.p_sharpen.has_value(), what.sharpen.has_value(), "U"},
      {"p_rotation", p.p_rotation.has_value(), what.rotate.has_value(), "R"},
      {"p_zoom", p.p_zoom.has_value(), what.zoom.has_value(), "S"},
      {"p_elastic", p.p_elastic.has_value(), what.elastic.has_value(), "E"},
      {"p_stain", p.p_stain.has_value(), what.stain.has_value(), "C"},
      {"p_randstainna", p.p_randstainna.has_value(), what.randstainna.has_value(), "RandStainNA"},
      {"p_enhance", p.p_enhance.has_value(), what.enhance.has_value(), "H"},
      {"p_blur", p.p_blur.has_value(), what.blur.has_value(), "B"},
      {"p_shift", p.p_shift.has_value(), what.shift.has_value(), "T"},
      {"p_noise", p.p_noise.has_value(), what.noise.has_value(), "G"},
      {"p_jpeg", p.p_jpeg.has_value(), what.jpeg.has_value(), "JPEG"}};
}

/// Ranges are two numbers, or one that is both ends.
std::string shape_problem(std::string_view name, const std::vector<double>& values) {
  if (values.size() <= 2 && (values.size() != 2 || values[0] <= values[1])) return {};
  return fmt::format("parameter '{}' must be a lowest and a highest value, got [{}]", name,
                     fmt::join(values, ", "));
}

void set(Range& range, const std::vector<double>& values) {
  if (!values.empty()) range = {values.front(), values.back()};
}

template <class Operator>
void set_p(std::optional<Operator>& one, const std::optional<double>& p) {
  if (one && p) one->p = *p;
}

Augmentation with_numbers(const Params& params) {
  Augmentation out = chosen(params);
  if (out.rotate) out.rotate->continuous = params.rotation == "continuous";
  if (out.zoom) set(out.zoom->factor, params.zoom_range);
  if (out.elastic) {
    set(out.elastic->alpha, params.elastic_alpha);
    set(out.elastic->sigma_px, params.elastic_sigma_px);
  }
  if (out.stain) {
    if (params.stain_sigma) out.stain->sigma = *params.stain_sigma;
    if (!params.stain_cutoff.empty())
      out.stain->cutoff = {params.stain_cutoff.front(), params.stain_cutoff.back()};
  }
  if (out.enhance) {
    set(out.enhance->colour, params.colour_range);
    set(out.enhance->contrast, params.contrast_range);
    set(out.enhance->brightness, params.brightness_range);
  }
  if (out.blur) set(out.blur->sigma_px, params.blur_px);
  if (out.shift && params.shift_px) out.shift->most_px = static_cast<int>(*params.shift_px);
  if (out.noise) set(out.noise->sd, params.noise_sd);
  if (out.jpeg) set(out.jpeg->quality, params.jpeg_quality);
  if (out.exchange) set(out.exchange->share, params.exchange_share);
  if (out.seam) set(out.seam->distance_px, params.seam_px);
  if (out.sharpen) set(out.sharpen->amount, params.sharpen_amount);
  set_p(out.exchange, params.p_exchange);
  set_p(out.seam, params.p_seam);
  set_p(out.sharpen, params.p_sharpen);
  set_p(out.rotate, params.p_rotation);
  set_p(out.zoom, params.p_zoom);
  set_p(out.elastic, params.p_elastic);
  set_p(out.stain, params.p_stain);
  set_p(out.randstainna, params.p_randstainna);
  set_p(out.enhance, params.p_enhance);
  set_p(out.blur, params.p_blur);
  set_p(out.shift, params.p_shift);
  set_p(out.noise, params.p_noise);
  set_p(out.jpeg, params.p_jpeg);
  return out;
}

/// Moments of the stain of all patches of a batch; none where they are not needed.
std::vector<image::DensityMoments> moments_of(const Augmentation& what,
                                              const PatchBatch& batch,
                                              std::size_t bytes) {
  std::vector<image::DensityMoments> out;
  if (!what.exchange) return out;
  for (std::size_t i = 0; i < batch.patch.size(); ++i)
    out.push_back(image::density_moments(std::span(batch.rgb).subspan(i * bytes, bytes)));
  return out;
}

/// Whose stain a patch takes, and how much of it.
struct Swap {
  std::size_t other = 0;
  double share = 0;
};

/// What X draws for patch `i` of the batch: whether, whose, how much.
std::optional<Swap> drawn_exchange(const Augmentation& what,
                                   const PatchBatch& batch,
                                   std::size_t i) {
  if (!what.exchange) return std::nullopt;
  RandomStream random(batch.place.seed, "augment/exchange", batch.sample[i],
                      static_cast<std::uint32_t>(batch.place.epoch));
  if (random.uniform() >= what.exchange->p) return std::nullopt;
  const auto other = random.below(static_cast<std::uint32_t>(batch.patch.size()));
  return Swap{other, random.uniform(what.exchange->share.low, what.exchange->share.high)};
}

}  // namespace

std::string check(const Params& params) {
  for (const auto& name : params.operators) {
    if (std::ranges::find(kOperators, name) == kOperators.end())
      return fmt::format("parameter 'operators': there is no '{}'; expected {}", name,
                         fmt::join(kOperators, ", "));
  }
  if (asked_for(params, "C") && asked_for(params, "RandStainNA"))
    return "parameter 'operators': C and RandStainNA exclude each other";
  for (const auto& [name, values] : {std::pair("zoom_range", &params.zoom_range),
                                     {"elastic_alpha", &params.elastic_alpha},
                                     {"elastic_sigma_px", &params.elastic_sigma_px},
                                     {"stain_cutoff", &params.stain_cutoff},
                                     {"colour_range", &params.colour_range},
                                     {"contrast_range", &params.contrast_range},
                                     {"brightness_range", &params.brightness_range},
                                     {"blur_px", &params.blur_px},
                                     {"noise_sd", &params.noise_sd},
                                     {"jpeg_quality", &params.jpeg_quality},
                                     {"exchange_share", &params.exchange_share},
                                     {"seam_px", &params.seam_px},
                                     {"sharpen_amount", &params.sharpen_amount}}) {
    if (auto problem = shape_problem(name, *values); !problem.empty()) return problem;
  }
  if (params.shift_px &&
      *params.shift_px != static_cast<double>(static_cast<int>(*params.shift_px)))
    return fmt::format("parameter 'shift_px' must be a whole number, got {}", *params.shift_px);
  if (!params.stain_statistics.empty() && params.stain_statistics.size() != 36)
    return fmt::format("parameter 'stain_statistics' must be 36 numbers, got {}",
                       params.stain_statistics.size());
  for (const auto& one : belongings(params, chosen(params))) {
    if (one.given && !one.used)
      return fmt::format(
          "parameter '{}' is of operator {}, which is not used: name it in "
          "'operators', or choose another preset",
          one.name, one.to);
  }
  return {};
}

Params in_effect(const Params& params) {
  const auto what = with_numbers(params);
  Params out;
  out.preset = params.preset;
  out.rotation = params.rotation;
  out.stain_statistics = params.stain_statistics;
  const auto both = [](const Range& range) { return std::vector<double>{range.low, range.high}; };
  /// Notes that the operator is there, and how often; null when it is not.
  const auto use = [&out](std::string_view name, const auto& one, std::optional<double>& p) {
    if (!one) return static_cast<decltype(&*one)>(nullptr);
    out.operators.emplace_back(name);
    p = one->p;
    return &*one;
  };
  if (const auto* one = use("X", what.exchange, out.p_exchange))
    out.exchange_share = both(one->share);
  use("R", what.rotate, out.p_rotation);
  if (const auto* one = use("M", what.seam, out.p_seam)) out.seam_px = both(one->distance_px);
  if (const auto* one = use("S", what.zoom, out.p_zoom)) out.zoom_range = both(one->factor);
  if (const auto* one = use("E", what.elastic, out.p_elastic)) {
    out.elastic_alpha = both(one->alpha);
    out.elastic_sigma_px = both(one->sigma_px);
  }
  if (const auto* one = use("C", what.stain, out.p_stain)) {
    out.stain_sigma = one->sigma;
    if (one->cutoff) out.stain_cutoff = both(*one->cutoff);
  }
  use("RandStainNA", what.randstainna, out.p_randstainna);
  if (const auto* one = use("H", what.enhance, out.p_enhance)) {
    out.colour_range = both(one->colour);
    out.contrast_range = both(one->contrast);
    out.brightness_range = both(one->brightness);
  }
  if (const auto* one = use("B", what.blur, out.p_blur)) out.blur_px = both(one->sigma_px);
  if (const auto* one = use("T", what.shift, out.p_shift))
    out.shift_px = one->most_px.value_or(kMostShift);
  if (const auto* one = use("U", what.sharpen, out.p_sharpen))
    out.sharpen_amount = both(one->amount);
  if (const auto* one = use("G", what.noise, out.p_noise)) out.noise_sd = both(one->sd);
  if (const auto* one = use("JPEG", what.jpeg, out.p_jpeg)) out.jpeg_quality = both(one->quality);
  return out;
}

Augmentation augmentation(const Params& params, const image::StainStatistics* statistics) {
  Augmentation out = with_numbers(params);
  if (!out.randstainna) return out;
  if (!params.stain_statistics.empty()) {
    out.randstainna->statistics = image::StainStatistics::from(params.stain_statistics);
  } else if (statistics != nullptr) {
    out.randstainna->statistics = *statistics;
  } else {
    throw DataError(
        "RandStainNA needs the statistics of the training patches: connect the input "
        "'statistics' to a node fit_randstainna, or give 'stain_statistics'");
  }
  return out;
}

TrainingBatch apply(const Augmentation& what, const PatchBatch& batch) {
  const std::size_t n = batch.patch.size();
  const auto bytes = static_cast<std::size_t>(3 * batch.size_px * batch.size_px);
  constexpr auto kNumbers = std::size_t{3} * image::kCropSize * image::kCropSize;
  if (batch.sample.size() != n || batch.target.size() != n || batch.rgb.size() != n * bytes)
    throw DataError(fmt::format(
        "a batch contradicts itself: {} patches, {} sample numbers, {} targets, {} bytes of {} px "
        "patches",
        n, batch.sample.size(), batch.target.size(), batch.rgb.size(), batch.size_px));
  TrainingBatch out{batch.place, batch.patch, batch.sample, batch.target, {}};
  out.patches.resize(n * kNumbers);
  image::Augmenter augmenter(what, static_cast<int>(batch.size_px));
  const auto moments = moments_of(what, batch, bytes);
  std::vector<float> recoloured(what.exchange ? bytes : 0);
  for (std::size_t i = 0; i < n; ++i) {
    RandomStream random(batch.place.seed, "augment", batch.sample[i],
                        static_cast<std::uint32_t>(batch.place.epoch));
    const auto rgb = std::span(batch.rgb).subspan(i * bytes, bytes);
    const auto planes = std::span(out.patches).subspan(i * kNumbers, kNumbers);
    const auto swap = drawn_exchange(what, batch, i);
    if (!swap) {
      augmenter.run(rgb, random, planes);
      continue;
    }
    image::exchange_stain(rgb, moments[i], moments[swap->other], swap->share, recoloured);
    augmenter.run(std::span<const float>(recoloured), random, planes);
  }
  return out;
}

image::StainStatistics fit(const FitParams& params,
                           const PatchSet& set,
                           const SlideCollection* slides) {
  constexpr auto kPlane = std::size_t{image::kPatchSize} * image::kPatchSize;
  const PatchReader reader(set, slides, image::kPatchSize);
  const std::size_t n = set.count();
  const auto looked_at = std::min(n, static_cast<std::size_t>(params.patches));
  std::vector<std::uint8_t> rgb(3 * kPlane);
  std::vector<float> planes(3 * kPlane);
  image::StainStatisticsFit fit;
  for (std::size_t k = 0; k < looked_at; ++k) {
    reader.read(k * n / looked_at, rgb);
    for (std::size_t i = 0; i < kPlane; ++i)
      for (std::size_t c = 0; c < 3; ++c)
        planes[c * kPlane + i] = static_cast<float>(rgb[3 * i + c]) / 255.0F;
    fit.add(planes);
  }
  return fit.finish();
}

}  // namespace mito::augment
