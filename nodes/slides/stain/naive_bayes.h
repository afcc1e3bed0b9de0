#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/types/standardisation.h"

namespace mito::stain {

/// Fits the histogram naive Bayes of method 3.2 step 6. `features` is [sample][feature], `classes`
/// the class of each sample, below `class_count`; a sample counts `weights[i]` times (once each
/// when empty). Every feature's range over all samples is cut into `bins`; a sample at position (x
/// - min) / width adds exp(-((j - position) / sigma_bins)^2) to every bin j within 2.5 sigma_bins;
/// each class's histogram then sums to 1. Priors are the classes' shares. Throws DataError for no
/// samples, sizes that do not match, or a feature that never varies.
ColourClassifier fit_classifier(std::span<const double> features,
                                std::size_t feature_count,
                                std::span<const std::uint8_t> classes,
                                std::size_t class_count,
                                std::span<const double> weights = {},
                                int bins = 100,
                                double sigma_bins = 3);

/// P(class | features), proportional to the prior times the likelihoods, each interpolated linearly
/// between bins and constant beyond the ends; the priors where all products are zero. Writes one
/// number per class to `posterior`.
void classify(const ColourClassifier& classifier,
              std::span<const double> features,
              std::span<double> posterior);

}  // namespace mito::stain
