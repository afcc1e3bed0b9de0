#include "nodes/slides/stain/mixture.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <opencv2/core.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/image/hed.h"
#include "engine/stats/percentile.h"
#include "nodes/slides/stain/lab.h"

namespace mito::stain {
namespace {

using Pair = std::array<double, 2>;
using Stains = std::array<Triple, 2>;

double dot(const Triple& a, const Triple& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

Triple scaled(const Triple& v, double s) { return {v[0] * s, v[1] * s, v[2] * s}; }

Triple density_of(const Rgb8& rgb, const DensityScale& scale) {
  Triple out{};
  for (std::size_t i = 0; i < 3; ++i)
    out[i] = -std::log(std::max(rgb[i] + scale.add, 1.0) / scale.white);
  return out;
}

/// Amounts of two stains, min of 0.5 |od - W c|^2 + lambda sum |c|; c >= 0 when `non_negative`.
class Amounts {
 public:
  Amounts(const Stains& stains, bool non_negative, double lambda = 0)
      : stains_(stains),
        aa_(dot(stains[0], stains[0])),
        bb_(dot(stains[1], stains[1])),
        ab_(dot(stains[0], stains[1])),
        non_negative_(non_negative),
        lambda_(lambda) {}

  Pair operator()(const Triple& od) const {
    const double a = dot(stains_[0], od) - lambda_;
    const double b = dot(stains_[1], od) - lambda_;
    const double determinant = aa_ * bb_ - ab_ * ab_;
    const Pair free{(bb_ * a - ab_ * b) / determinant, (aa_ * b - ab_ * a) / determinant};
    if (!non_negative_ || (free[0] >= 0 && free[1] >= 0)) return free;
    // The minimum lies on a border: of the two one-stain solutions, the better.
    const Pair only_a{std::max(0.0, a / aa_), 0};
    const Pair only_b{0, std::max(0.0, b / bb_)};
    return a * only_a[0] >= b * only_b[1] ? only_a : only_b;
  }

 private:
  Stains stains_;
  double aa_;
  double bb_;
  double ab_;
  bool non_negative_;
  double lambda_;
};

/// Throws DataError when there is too little to see two stains in.
void check_tissue(std::size_t tissue, std::size_t pixels, std::int64_t needed) {
  if (static_cast<std::int64_t>(tissue) < needed)
    throw DataError(fmt::format(
        "only {} of {} pixels look like stained tissue, {} are needed to estimate two stains",
        tissue, pixels, needed));
}

void check_angle(const Stains& stains, double needed_deg) {
  const double cosine =
      dot(stains[0], stains[1]) / std::sqrt(dot(stains[0], stains[0]) * dot(stains[1], stains[1]));
  const double angle = std::acos(std::clamp(cosine, -1.0, 1.0)) * 180 / std::numbers::pi;
  if (!(angle > needed_deg))
    throw DataError(
        fmt::format("the two stains found are only {:.2f} degrees apart ({} are needed): the "
                    "slide seems to hold one stain only",
                    angle, needed_deg));
}

double percentile(std::vector<double> values, double percent) {
  return stats::percentile(std::move(values), percent).value();
}

Pair top_amounts(std::span<const Rgb8> pixels,
                 const DensityScale& density,
                 const Amounts& amounts,
                 double percent) {
  std::array<std::vector<double>, 2> values;
  for (auto& stain : values) stain.reserve(pixels.size());
  for (const Rgb8& pixel : pixels) {
    const Pair c = amounts(density_of(pixel, density));
    for (std::size_t i = 0; i < 2; ++i) values[i].push_back(c[i]);
  }
  return {percentile(std::move(values[0]), percent), percentile(std::move(values[1]), percent)};
}

void check_top(const Pair& top) {
  if (!(top[0] > 0 && top[1] > 0))
    throw DataError(fmt::format(
        "the largest amounts of haematoxylin and eosin are {:.3g} and {:.3g}; both must be above "
        "0: the slide seems to hold one stain only",
        top[0], top[1]));
}

/// The two largest principal axes of the densities, largest first.
Stains principal_axes(const std::vector<Triple>& od) {
  const auto n = static_cast<double>(od.size());
  Triple mean{};
  for (const auto& v : od) {
    for (std::size_t i = 0; i < 3; ++i) mean[i] += v[i] / n;
  }
  cv::Matx33d covariance = cv::Matx33d::zeros();
  for (const auto& v : od) {
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j)
        covariance(static_cast<int>(i), static_cast<int>(j)) +=
            (v[i] - mean[i]) * (v[j] - mean[j]) / (n - 1);
    }
  }
  cv::Mat values;
  cv::Mat vectors;  // rows, by falling eigenvalue
  cv::eigen(cv::Mat(covariance), values, vectors);
  Stains axes{};
  for (int i = 0; i < 2; ++i) {
    const double sign = vectors.at<double>(i, 0) < 0 ? -1 : 1;
    for (int j = 0; j < 3; ++j)
      axes[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] =
          sign * vectors.at<double>(i, j);
  }
  return axes;
}

double objective(const std::vector<Triple>& od,
                 const std::vector<Pair>& amounts,
                 const Stains& stains,
                 double lambda) {
  double sum = 0;
  for (std::size_t n = 0; n < od.size(); ++n) {
    for (std::size_t i = 0; i < 3; ++i) {
      const double r = od[n][i] - stains[0][i] * amounts[n][0] - stains[1][i] * amounts[n][1];
      sum += 0.5 * r * r;
    }
    sum += lambda * (amounts[n][0] + amounts[n][1]);
  }
  return sum;
}

/// The best unit vector >= 0 for stain `which`, all else fixed: along the positive part of what the
/// other stain leaves.
void update_stain(const std::vector<Triple>& od,
                  const std::vector<Pair>& amounts,
                  std::size_t which,
                  Stains& stains) {
  const std::size_t other = 1 - which;
  Triple sum{};
  for (std::size_t n = 0; n < od.size(); ++n) {
    for (std::size_t i = 0; i < 3; ++i)
      sum[i] += amounts[n][which] * (od[n][i] - stains[other][i] * amounts[n][other]);
  }
  for (double& v : sum) v = std::max(v, 0.0);
  const double length = std::sqrt(dot(sum, sum));
  if (length > 0) stains[which] = scaled(sum, 1 / length);
}

/// Alternates between amounts and stains until the objective stands still.
void factorise(const std::vector<Triple>& od,
               double lambda,
               const VahadaneOptions& options,
               Stains& stains) {
  std::vector<Pair> amounts(od.size());
  double before = 0;
  for (int sweep = 0; sweep < options.max_sweeps; ++sweep) {
    check_angle(stains, 1e-3);  // equal vectors have no amounts
    const Amounts solve(stains, true, lambda);
    for (std::size_t n = 0; n < od.size(); ++n) amounts[n] = solve(od[n]);
    for (const std::size_t which : {0U, 1U}) update_stain(od, amounts, which, stains);
    const double now = objective(od, amounts, stains, lambda);
    options.sweep(lambda, now);
    if (sweep > 0 && before - now <= options.tolerance * before) break;
    before = now;
  }
}

}  // namespace

MixtureStatistics macenko_target() {
  return {{{{0.5626, 0.7201, 0.4062}, {0.2159, 0.8012, 0.5581}}}, {1.9705, 1.0308}};
}

MixtureStatistics macenko(std::span<const Rgb8> pixels,
                          const MacenkoOptions& options,
                          std::int64_t* tissue_pixels) {
  std::vector<Triple> od;
  for (const Rgb8& pixel : pixels) {
    const Triple v = density_of(pixel, options.density);
    const bool tissue = options.max_luminosity > 0
                            ? to_lab(pixel)[0] / 100 < options.max_luminosity
                            : std::min({v[0], v[1], v[2]}) >= options.min_density;
    if (tissue) od.push_back(v);
  }
  if (tissue_pixels != nullptr) *tissue_pixels = static_cast<std::int64_t>(od.size());
  check_tissue(od.size(), pixels.size(), std::max<std::int64_t>(options.min_pixels, 2));

  const Stains axes = principal_axes(od);
  std::vector<double> angles;
  angles.reserve(od.size());
  for (const auto& v : od) angles.push_back(std::atan2(dot(v, axes[1]), dot(v, axes[0])));
  const double high = percentile(angles, 100 - options.alpha_percent);
  const double low = percentile(std::move(angles), options.alpha_percent);
  Stains stains{};
  for (std::size_t i = 0; i < 3; ++i) {
    stains[0][i] = axes[0][i] * std::cos(low) + axes[1][i] * std::sin(low);
    stains[1][i] = axes[0][i] * std::cos(high) + axes[1][i] * std::sin(high);
  }
  if (stains[0][0] < stains[1][0]) std::swap(stains[0], stains[1]);
  if (options.unit_length)
    for (auto& stain : stains) stain = scaled(stain, 1 / std::sqrt(dot(stain, stain)));
  check_angle(stains, options.min_angle_deg);
  const Pair top =
      top_amounts(pixels, options.density, Amounts(stains, false), options.top_percent);
  check_top(top);
  return {stains, top};
}

MixtureStatistics vahadane(std::span<const Rgb8> pixels, const VahadaneOptions& options) {
  std::vector<Triple> od;
  for (const Rgb8& pixel : pixels) {
    if (to_lab(pixel)[0] / 100 < options.max_luminosity)
      od.push_back(density_of(pixel, options.density));
  }
  check_tissue(od.size(), pixels.size(), options.min_pixels);

  const image::Mat3 ruifrok = image::hed_rows();
  Stains stains{ruifrok[0], ruifrok[1]};
  for (const double lambda : {options.lambda, std::min(options.lambda, options.final_lambda)})
    factorise(od, lambda, options, stains);
  if (stains[0][0] < stains[1][0]) std::swap(stains[0], stains[1]);
  check_angle(stains, options.min_angle_deg);
  const Pair top = top_amounts(pixels, options.density, Amounts(stains, true), options.top_percent);
  check_top(top);
  return {stains, top};
}

MixtureMap::MixtureMap(const MixtureStatistics& source,
                       const MixtureStatistics& target,
                       const DensityScale& density,
                       bool non_negative)
    : source_(source), target_(target), density_(density), non_negative_(non_negative) {
  check_angle(source.stains, 0);
  check_top(source.max_concentration);
}

Triple MixtureMap::operator()(const Rgb8& rgb) const {
  const Pair c = Amounts(source_.stains, non_negative_)(density_of(rgb, density_));
  const double h = c[0] * target_.max_concentration[0] / source_.max_concentration[0];
  const double e = c[1] * target_.max_concentration[1] / source_.max_concentration[1];
  Triple out{};
  for (std::size_t i = 0; i < 3; ++i)
    out[i] = std::min(
        255.0, density_.white * std::exp(-(target_.stains[0][i] * h + target_.stains[1][i] * e)));
  return out;
}

}  // namespace mito::stain
