#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/nn/dense.h"
#include "nodes/train_cnn/samples.h"

namespace mito::train_cnn {

/// What a training run is made of: lists of samples, and the pixels around each.
class SampleSource {
 public:
  virtual ~SampleSource() = default;

  const std::vector<Sample>& positives() const { return positives_; }
  const std::vector<Sample>& validation_positives() const { return validation_positives_; }
  const std::vector<Sample>& validation_negatives() const { return validation_negatives_; }
  /// What is scored to find out where the network errs; empty where nothing can be mined.
  const std::vector<Sample>& mining_pool() const { return mining_pool_; }

  struct Negatives {
    std::vector<Sample> samples;
    std::int64_t hard = 0;  ///< How many of them were drawn by their scores.
  };
  /// The negatives of phase 0, or after the phase-th mining, with the scores of mining_pool().
  virtual Negatives negatives(std::int64_t phase, std::span<const double> scores) const = 0;
  /// Negatives that an epoch is meant to show, when it shows as many samples as there are.
  virtual std::int64_t negatives_per_epoch() const = 0;

  /// Pixels in which the sample lies; white outside.
  virtual nn::PixelView pixels(const Sample& sample) const = 0;
  /// For messages.
  virtual std::string name(const Sample& sample) const = 0;

 protected:
  std::vector<Sample> positives_;
  std::vector<Sample> validation_positives_;
  std::vector<Sample> validation_negatives_;
  std::vector<Sample> mining_pool_;
};

}  // namespace mito::train_cnn
