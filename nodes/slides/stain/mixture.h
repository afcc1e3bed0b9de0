#pragma once
#include <functional>
#include <span>

#include "engine/types/standardisation.h"
#include "nodes/slides/stain/hsd.h"

namespace mito::stain {

/// How Macenko's statistics are taken (method 3.3).
struct MacenkoOptions {
  DensityScale density{.white = 240, .add = 1};  ///< OD = -ln((I + 1) / Io).
  double min_density = 0.15;                     ///< beta: pixels with any OD below it are glass.
  /// Of StainTools: tissue is what has CIELAB L / 100 below this, instead of `min_density`. 0: off.
  double max_luminosity = 0;
  double alpha_percent = 1;        ///< Percentile of the angle that gives a stain, and 100 - it.
  double top_percent = 99;         ///< Percentile of the amounts that gives the largest.
  bool unit_length = false;        ///< Of StainTools: stain vectors of length 1.
  std::int64_t min_pixels = 1000;  ///< Tissue pixels needed.
  double min_angle_deg = 5;        ///< Between the two stains.
};

/// The published target of method 3.3.
MixtureStatistics macenko_target();

/// Haematoxylin and eosin of a slide by Macenko's method: the extremes of the angle in the plane of
/// the two largest principal components of the optical densities. `tissue_pixels` gets the number
/// that counted as tissue. Throws DataError saying why when there are too few or the two stains
/// cannot be told apart.
MixtureStatistics macenko(std::span<const Rgb8> pixels,
                          const MacenkoOptions& options = {},
                          std::int64_t* tissue_pixels = nullptr);

/// How Vahadane's statistics are taken (method 3.4).
struct VahadaneOptions {
  DensityScale density{.white = 255, .add = 0};
  double lambda = 0.1;          ///< Weight of the sparsity term,
  double final_lambda = 0.01;   ///< and in the second pass, which removes most of its bias.
  double max_luminosity = 0.8;  ///< Tissue has CIELAB L / 100 below this.
  double tolerance = 1e-5;      ///< Relative change of the objective at which it stops.
  int max_sweeps = 200;
  double top_percent = 99;
  std::int64_t min_pixels = 1000;
  double min_angle_deg = 5;
  /// Told lambda and the objective after every sweep.
  std::function<void(double, double)> sweep = [](double, double) {};
};

/// Haematoxylin and eosin by sparse non-negative factorisation: min of 0.5 ||OD - W H||^2 +
/// lambda sum |H| over unit columns W >= 0 and H >= 0, by exact minimisation of one block after the
/// other, from the vectors of Ruifrok. The sparsity term draws the two stains together (by 3 to 7
/// degrees on mixtures at lambda = 0.1), so the minimum is sought a second time from there with
/// `final_lambda`. The largest amounts are of H fitted without the sparsity term, as it is when
/// colours are mapped. Throws DataError as macenko() does.
MixtureStatistics vahadane(std::span<const Rgb8> pixels, const VahadaneOptions& options = {});

/// Splits a colour into amounts of two stains and mixes it again from those of the target.
class MixtureMap {
 public:
  /// `non_negative`: amounts are not below 0 (Vahadane); else plain least squares (Macenko).
  MixtureMap(const MixtureStatistics& source,
             const MixtureStatistics& target,
             const DensityScale& density,
             bool non_negative);
  /// 0 to 255, clipped at 255, not rounded.
  Triple operator()(const Rgb8& rgb) const;

 private:
  MixtureStatistics source_;
  MixtureStatistics target_;
  DensityScale density_;
  bool non_negative_;
};

}  // namespace mito::stain
