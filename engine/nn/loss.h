#pragma once
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace mito::nn {

/// A mean loss and its gradient with respect to every logit, [sample][class].
struct Loss {
  double value = 0;
  std::vector<double> gradient;
};

/// Cross-entropy of two-class logits [sample][2] with hard labels (1 = mitosis): the mean over the
/// batch of -ln p_label. Throws DataError when the sizes do not fit. Method 7.4.
Loss cross_entropy(std::span<const double> logits, std::span<const std::uint8_t> labels);

/// The same with the probability of mitosis as target: -(q ln p + (1-q) ln(1-p)). Method 8.3.
Loss soft_cross_entropy(std::span<const double> logits, std::span<const double> probability);

/// factor * sum(w^2); its gradient is 2 * factor * w. Method 7.4.
double l2_penalty(std::span<const double> weights, double factor);
std::vector<double> l2_gradient(std::span<const double> weights, double factor);

/// Probability of class 1 of two logits.
inline double mitosis_probability(double logit_other, double logit_mitosis) {
  return 1.0 / (1.0 + std::exp(logit_other - logit_mitosis));
}

/// Mean over the members (rows) of the probability of every sample. Method 8.2. Throws DataError
/// when there is no member or they differ in length.
std::vector<double> ensemble_mean(const std::vector<std::vector<double>>& member_probability);

}  // namespace mito::nn
