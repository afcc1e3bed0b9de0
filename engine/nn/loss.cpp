#include "engine/nn/loss.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::nn {

Loss soft_cross_entropy(std::span<const double> logits, std::span<const double> probability) {
  const std::size_t n = probability.size();
  if (n == 0 || logits.size() != 2 * n)
    throw DataError(fmt::format("{} logits do not fit {} two-class targets", logits.size(), n));
  Loss out;
  out.gradient.resize(logits.size());
  const double scale = 1.0 / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double a = logits[2 * i];
    const double b = logits[2 * i + 1];
    const double q = probability[i];
    // ln(e^a + e^b) without overflow
    const double norm = std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
    out.value -= (q * (b - norm) + (1 - q) * (a - norm)) * scale;
    const double difference = (mitosis_probability(a, b) - q) * scale;
    out.gradient[2 * i] = -difference;
    out.gradient[2 * i + 1] = difference;
  }
  return out;
}

Loss cross_entropy(std::span<const double> logits, std::span<const std::uint8_t> labels) {
  std::vector<double> target(labels.size());
  std::ranges::transform(labels, target.begin(), [](auto label) { return label != 0 ? 1.0 : 0.0; });
  return soft_cross_entropy(logits, target);
}

double l2_penalty(std::span<const double> weights, double factor) {
  double sum = 0;
  for (const double w : weights) sum += w * w;
  return factor * sum;
}

std::vector<double> l2_gradient(std::span<const double> weights, double factor) {
  std::vector<double> out(weights.size());
  std::ranges::transform(weights, out.begin(), [factor](double w) { return 2 * factor * w; });
  return out;
}

std::vector<double> ensemble_mean(const std::vector<std::vector<double>>& member_probability) {
  if (member_probability.empty()) throw DataError("an ensemble needs at least one member");
  std::vector<double> mean(member_probability.front().size(), 0.0);
  for (const auto& member : member_probability) {
    if (member.size() != mean.size())
      throw DataError(
          fmt::format("ensemble members scored {} and {} samples", mean.size(), member.size()));
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += member[i];
  }
  for (auto& value : mean) value /= static_cast<double>(member_probability.size());
  return mean;
}

}  // namespace mito::nn
