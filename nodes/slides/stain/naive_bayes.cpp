#include "nodes/slides/stain/naive_bayes.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::stain {
namespace {

constexpr double kReach = 2.5;  // sigmas beyond which a sample adds nothing

/// Adds a sample at `position` to a histogram.
void add_softly(std::span<double> histogram, double position, double sigma, double weight) {
  const double last = static_cast<double>(histogram.size()) - 1;
  const auto first = static_cast<std::size_t>(std::max(0.0, std::ceil(position - kReach * sigma)));
  const double end = std::min(last, std::floor(position + kReach * sigma));
  for (std::size_t j = first; static_cast<double>(j) <= end; ++j) {
    const double t = (static_cast<double>(j) - position) / sigma;
    histogram[j] += weight * std::exp(-t * t);
  }
}

}  // namespace

ColourClassifier fit_classifier(std::span<const double> features,
                                std::size_t feature_count,
                                std::span<const std::uint8_t> classes,
                                std::size_t class_count,
                                std::span<const double> weights,
                                int bins,
                                double sigma_bins) {
  const std::size_t n = classes.size();
  if (n == 0 || feature_count == 0 || features.size() != n * feature_count ||
      (!weights.empty() && weights.size() != n) || bins < 2)
    throw DataError("the samples of the colour classifier do not match in number");
  const auto size = static_cast<std::size_t>(bins);
  ColourClassifier out{.bins = bins,
                       .minimum = std::vector<double>(feature_count),
                       .width = std::vector<double>(feature_count),
                       .priors = std::vector<double>(class_count),
                       .likelihood = std::vector<double>(feature_count * class_count * size)};
  const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  for (std::size_t f = 0; f < feature_count; ++f) {
    double low = features[f];
    double high = features[f];
    for (std::size_t i = 0; i < n; ++i) {
      low = std::min(low, features[i * feature_count + f]);
      high = std::max(high, features[i * feature_count + f]);
    }
    if (!(high > low))
      throw DataError(fmt::format("feature {} of the colour classifier never varies", f + 1));
    out.minimum[f] = low;
    out.width[f] = (high - low) / bins;
    const std::span<double> all(out.likelihood);
    for (std::size_t i = 0; i < n; ++i)
      add_softly(all.subspan((f * class_count + classes[i]) * size, size),
                 (features[i * feature_count + f] - low) / out.width[f], sigma_bins, weight(i));
    for (std::size_t c = 0; c < class_count; ++c) {
      const auto histogram = all.subspan((f * class_count + c) * size, size);
      double sum = 0;
      for (const double v : histogram) sum += v;
      if (sum > 0)
        for (double& v : histogram) v /= sum;
    }
  }
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    out.priors[classes[i]] += weight(i);
    total += weight(i);
  }
  for (double& prior : out.priors) prior /= total;
  return out;
}

void classify(const ColourClassifier& classifier,
              std::span<const double> features,
              std::span<double> posterior) {
  const auto bins = static_cast<std::size_t>(classifier.bins);
  const std::size_t classes = classifier.priors.size();
  std::copy(classifier.priors.begin(), classifier.priors.end(), posterior.begin());
  const double* histogram = classifier.likelihood.data();
  for (std::size_t f = 0; f < classifier.minimum.size(); ++f) {
    const double position = std::clamp((features[f] - classifier.minimum[f]) / classifier.width[f],
                                       0.0, static_cast<double>(bins - 1));
    const auto bin = std::min(static_cast<std::size_t>(position), bins - 2);
    const double t = position - static_cast<double>(bin);
    for (std::size_t c = 0; c < classes; ++c, histogram += bins)
      posterior[c] *= histogram[bin] * (1 - t) + histogram[bin + 1] * t;
  }
  double sum = 0;
  for (std::size_t c = 0; c < classes; ++c) sum += posterior[c];
  if (sum > 0) {
    for (std::size_t c = 0; c < classes; ++c) posterior[c] /= sum;
  } else {
    std::copy(classifier.priors.begin(), classifier.priors.end(), posterior.begin());
  }
}

}  // namespace mito::stain
