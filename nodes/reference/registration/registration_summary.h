#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/types/restained.h"

namespace mito::stats {

/// Percentiles 5, 25, 50, 75, 95 of some values; all NaN for none (method 0.7: undefined is not
/// zero).
struct Quantiles {
  static constexpr std::array<double, 5> kPercents{5, 25, 50, 75, 95};
  std::int64_t count = 0;
  std::array<double, 5> values{};
};

Quantiles quantiles(const std::vector<double>& values);

/// How a slide's objects were registered, for its certificate (method 11.5).
struct RegistrationSummary {
  std::array<std::int64_t, 5> per_status{};  ///< In the order of RegisteredObject::Status.
  Quantiles shift_um;                        ///< Length of the local shifts that were kept.
  Quantiles dx_um;                           ///< Of the same objects.
  Quantiles dy_um;
  Quantiles psr;        ///< Of all objects on the slide, kept or not.
  Quantiles trials_um;  ///< Distance of the trials' own peaks from the averaged one.
};

/// `local` may be null.
RegistrationSummary summarise(const GlobalRegistration& global, const LocalRegistration* local);

/// A place that was marked on both slides, level-0 pixels.
struct LandmarkPair {
  PointL0 he;
  PointL0 phh3;
};

/// Target registration error of landmarks (method 11.5): how far off, in um on the H&E slide of
/// which `he_grid` is any grid, the map puts each, in their order.
std::vector<double> landmark_errors_um(std::span<const LandmarkPair> landmarks,
                                       const Affine& he_from_phh3,
                                       const Grid& he_grid);

}  // namespace mito::stats
