#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/described.h"

namespace mito {

/// How a network finds the labelled places of a laboratory, and the threshold that suits it there.
/// F1, precision and recall are those of places that were judged by thresholds chosen on other
/// folds.
struct AdaptedWeights {
  double temperature = 1;      ///< T; probabilities become those of logits / T.
  double loss = 0;             ///< Mean cross-entropy of the places, before that.
  double calibrated_loss = 0;  ///< And after it.
  double threshold = 0;        ///< After calibration, chosen on all places.
  double threshold_low = 0;    ///< Of 95 % of the resamples of the places; NaN: it was not chosen.
  double threshold_high = 0;
  double f1 = 0;
  double f1_low = 0;
  double f1_high = 0;
  double precision = 0;  ///< NaN where nothing is called a mitosis.
  double recall = 0;
};

/// What the labels of a laboratory say of a network before and after it was adapted.
struct Adaptation {
  /// In the order of `weights`: the network with its own threshold, with a threshold for the
  /// laboratory, and fine-tuned with a threshold for the laboratory.
  enum Row : std::size_t { Before, Threshold, FineTuned };
  static constexpr std::array<std::string_view, 3> kRows{"before", "threshold", "fine-tuned"};

  std::vector<std::string> samples;  ///< One of each per labelled place.
  std::vector<std::string> cases;
  std::vector<std::string> images;
  std::vector<std::uint32_t> fold;
  std::vector<std::uint8_t> label;  ///< 1 = mitosis.
  std::vector<double> weight;       ///< Places that it stands for.
  std::vector<double> before;       ///< What the network says.
  std::vector<double> after;        ///< What one says that was fine-tuned without its fold.

  std::vector<AdaptedWeights> weights;  ///< Three, see Row.
  double gain = 0;                      ///< F1 fine-tuned minus before.
  double gain_low = 0;
  double gain_high = 0;
  std::string model;  ///< Digest of the network before.

  std::int64_t replayed = 0;  ///< Patches that were replayed; 0: none.
  double replay_change = 0;   ///< Mean |p - p before| of the fine-tuned network on them.
  double replay_same = 0;     ///< Share of them that stays on its side of 0.5.
};

template <>
struct Payload<Adaptation> {
  static constexpr TypeDesc kDesc{"Adaptation", 1};
  static void describe(Description<Adaptation>& d);
};

}  // namespace mito
