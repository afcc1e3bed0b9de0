#include "nodes/reference/registration/registration_summary.h"

#include <cmath>
#include <limits>

#include "engine/stats/percentile.h"

namespace mito::stats {

Quantiles quantiles(const std::vector<double>& values) {
  Quantiles out;
  out.count = static_cast<std::int64_t>(values.size());
  for (std::size_t i = 0; i < out.values.size(); ++i)
    out.values[i] = percentile(values, Quantiles::kPercents[i])
                        .value_or(std::numeric_limits<double>::quiet_NaN());
  return out;
}

RegistrationSummary summarise(const GlobalRegistration& global, const LocalRegistration* local) {
  RegistrationSummary out;
  std::vector<double> shift;
  std::vector<double> dx;
  std::vector<double> dy;
  std::vector<double> psr;
  std::vector<double> trials;
  for (const auto& trial : global.trials)
    trials.push_back(std::hypot(trial.dx_um - global.shift_x_um, trial.dy_um - global.shift_y_um));
  if (local != nullptr) {
    for (const auto& object : local->items) {
      ++out.per_status[static_cast<std::size_t>(object.status)];
      if (object.status != RegisteredObject::Status::OffSlide) psr.push_back(object.psr);
      if (object.status != RegisteredObject::Status::Accepted) continue;
      shift.push_back(std::hypot(object.dx_um, object.dy_um));
      dx.push_back(object.dx_um);
      dy.push_back(object.dy_um);
    }
  }
  out.shift_um = quantiles(shift);
  out.dx_um = quantiles(dx);
  out.dy_um = quantiles(dy);
  out.psr = quantiles(psr);
  out.trials_um = quantiles(trials);
  return out;
}

std::vector<double> landmark_errors_um(std::span<const LandmarkPair> landmarks,
                                       const Affine& he_from_phh3,
                                       const Grid& he_grid) {
  std::vector<double> out;
  for (const auto& mark : landmarks)
    out.push_back(distance_um(he_grid, he_from_phh3.apply(mark.phh3), mark.he));
  return out;
}

}  // namespace mito::stats
