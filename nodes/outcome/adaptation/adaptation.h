#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/nn/model.h"
#include "engine/types/adapted.h"
#include "engine/types/labelled_places.h"
#include "engine/types/training.h"

namespace mito::adaptation {

struct Params {
  int replicates = 2000;
  std::int64_t seed = 1;
  std::string device = "auto";

  static void describe(auto& p, auto&& field) {
    field("replicates", p.replicates,
          {.range = {0, 1e6}, .doc = "Resamples of the labelled places behind each interval."});
    field("seed", p.seed, seed_field("Of the resamples."));
    field("device", p.device, device_field("Where the networks run."));
  }
};

/// The networks of an adaptation.
struct Networks {
  const nn::Model& before;
  const nn::Model& folds;  ///< Member k was fine-tuned without fold k.
  const nn::Model& fine_tuned;
};

/// Highest probability of a mitosis within 14 px (3.5 um) of the middle of a patch of 128 px, RGB
/// [128][128][3]: what detect.yaml sees of an object there. Method 12.2.
double place_score(const nn::Network& network, std::span<const std::uint8_t> rgb);

/// Labelled places as people and networks see them.
struct Places {
  std::vector<std::uint32_t> fold;
  std::vector<std::uint8_t> label;
  std::vector<double> weight;
  std::vector<double> score;
};

/// The threshold in (0, 1) with the highest F1, every place counting as many as it stands for:
/// half-way, in logits, from the lowest score called a mitosis to the next lower one. Ties: the
/// highest. Empty when no place is a mitosis.
std::optional<double> best_threshold(const Places& places, std::span<const std::size_t> of);

/// For every place whether it is called a mitosis by the threshold that is best for all folds but
/// its own. Where these hold no mitosis, none is.
std::vector<std::uint8_t> cross_fitted(const Places& places);

/// T in [0.2, 5] with the least mean cross-entropy of logits / T (Guo et al. 2017).
double temperature_of(const Places& places);

/// Mean cross-entropy of the places with logits / T.
double loss_at(const Places& places, double temperature);

/// Probability after calibration.
double calibrated(double probability, double temperature);

/// Measures the network before and after on the labelled places (method 12.2). `replay` may be
/// null. Throws DataError: labels of one class only, `folds` does not fit the folds of the places.
Adaptation assess(const Params& params,
                  const LabelledPlaces& labelled,
                  const Networks& networks,
                  const PatchSet* replay,
                  const std::function<bool()>& stop);

struct ModelParams {
  std::string weights = "better";

  static void describe(auto& p, auto&& field) {
    field("weights", p.weights,
          {.choices = {"better", "fine_tuned", "old"},
           .doc = "better: the fine-tuned weights where their F1 on places left out is above that "
                  "of the old ones with a threshold of the laboratory, else the old ones."});
  }
};

/// Which of the rows is taken: Threshold (old weights) or FineTuned.
Adaptation::Row chosen(const ModelParams& params, const Adaptation& adaptation);

/// The model of the laboratory: the chosen weights, calibrated (the output layer divided by T),
/// with the threshold and how it was chosen. The labelled slides count as those it was tuned on.
/// Throws DataError when the weights are an ensemble.
nn::Model adapted_model(const ModelParams& params,
                        const Adaptation& adaptation,
                        const nn::Model& before,
                        const nn::Model& fine_tuned);

}  // namespace mito::adaptation
