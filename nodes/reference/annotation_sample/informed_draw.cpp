#include "nodes/reference/annotation_sample/informed_draw.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>

namespace mito::annotation_sample {
namespace {

constexpr double kLastRange = 6;  // beyond ln(p / (1 - p)) of -6 and 6 all scores are of one range

int range_of(double score) {
  constexpr double kLeast = 1e-6;  // keeps the logarithm finite
  const double p = std::clamp(score, kLeast, 1 - kLeast);
  return static_cast<int>(std::floor(std::clamp(std::log(p / (1 - p)), -kLastRange, kLastRange)));
}

/// In proportion to what a place should get; the sum is 1.
std::vector<double> shares(std::span<const double> scores,
                           std::span<const float> disagreement,
                           double by_disagreement) {
  std::map<int, std::size_t> held;
  for (const double score : scores) ++held[range_of(score)];
  const double all = std::accumulate(disagreement.begin(), disagreement.end(), 0.0);
  const double doubtful = all > 0 ? by_disagreement : 0;
  std::vector<double> out;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto in_range = static_cast<double>(held.at(range_of(scores[i])));
    out.push_back((1 - doubtful) / (static_cast<double>(held.size()) * in_range) +
                  (doubtful > 0 ? doubtful * static_cast<double>(disagreement[i]) / all : 0));
  }
  return out;
}

}  // namespace

std::vector<double> inclusion_chances(std::span<const double> scores,
                                      std::span<const float> disagreement,
                                      std::size_t count,
                                      double by_disagreement) {
  if (count >= scores.size()) return std::vector<double>(scores.size(), 1.0);
  const auto share = shares(scores, disagreement, by_disagreement);
  std::vector<double> out(share.size(), 0.0);
  // Places whose chance would be above 1 are taken for certain; the others share what is left.
  for (bool all_fit = false; !all_fit;) {
    double left = static_cast<double>(count);
    double sum = 0;
    for (std::size_t i = 0; i < share.size(); ++i) {
      if (out[i] >= 1)
        left -= 1;
      else
        sum += share[i];
    }
    all_fit = true;
    for (std::size_t i = 0; i < share.size(); ++i) {
      if (out[i] >= 1) continue;
      out[i] = sum > 0 ? left * share[i] / sum : 0;
      if (out[i] < 1) continue;
      out[i] = 1;
      all_fit = false;
    }
  }
  return out;
}

std::vector<std::size_t> draw_systematic(std::span<const double> chances, RandomStream& random) {
  const auto order = permutation(static_cast<std::uint32_t>(chances.size()), random);
  const double start = random.uniform();
  std::vector<std::size_t> out;
  double sum = 0;
  for (const auto i : order) {
    sum += chances[i];
    if (sum > start + static_cast<double>(out.size())) out.push_back(i);
  }
  return out;
}

}  // namespace mito::annotation_sample
