#include "nodes/detector/training/patch_f1.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

/// Number of positives.
double check(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  if (scores.size() != labels.size())
    throw DataError(fmt::format("{} scores do not fit {} labels", scores.size(), labels.size()));
  const auto positives = std::ranges::count_if(labels, [](auto label) { return label != 0; });
  if (positives == 0 || positives == std::ssize(labels))
    throw DataError("F1 needs samples of both classes");
  if (std::ranges::any_of(scores, [](float s) { return std::isnan(s); }))
    throw DataError("a score is not a number");
  return static_cast<double>(positives);
}

double ratio(double part, double of) { return of > 0 ? part / of : 0.0; }

PatchF1 measures(double threshold, double hits, double claims, double positives) {
  return {ratio(2 * hits, claims + positives), threshold, ratio(hits, claims),
          ratio(hits, positives)};
}

}  // namespace

std::vector<PatchF1> f1_curve(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  const double positives = check(scores, labels);
  std::vector<std::pair<float, bool>> all;
  for (std::size_t i = 0; i < scores.size(); ++i) all.emplace_back(scores[i], labels[i] != 0);
  std::ranges::sort(all, std::greater<>{});
  std::vector<PatchF1> curve;
  double hits = 0;
  double claims = 0;
  double hits_before = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    claims += 1;
    hits += all[i].second ? 1 : 0;
    if (i + 1 < all.size() && all[i + 1].first == all[i].first) continue;
    if (hits > hits_before)
      curve.push_back(measures(static_cast<double>(all[i].first), hits, claims, positives));
    hits_before = hits;
  }
  return curve;
}

PatchF1 best_f1(std::span<const PatchF1> curve) {
  if (curve.empty()) throw DataError("F1 has no threshold to choose from");
  return *std::ranges::max_element(curve, {}, &PatchF1::f1);
}

PatchF1 best_f1(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  return best_f1(f1_curve(scores, labels));
}

PatchF1 f1_at(double threshold,
              std::span<const float> scores,
              std::span<const std::uint8_t> labels) {
  const double positives = check(scores, labels);
  double hits = 0;
  double claims = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (static_cast<double>(scores[i]) < threshold) continue;
    claims += 1;
    hits += labels[i] != 0 ? 1 : 0;
  }
  return measures(threshold, hits, claims, positives);
}

std::string f1_curve_csv(std::span<const PatchF1> curve) {
  std::string text = "threshold,f1,precision,recall\n";
  for (auto point = curve.rbegin(); point != curve.rend(); ++point)
    text += fmt::format("{:.9g},{:.6f},{:.6f},{:.6f}\n", point->threshold, point->f1,
                        point->precision, point->recall);
  return text;
}

}  // namespace mito::stats
