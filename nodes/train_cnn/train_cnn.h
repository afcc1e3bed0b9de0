#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/record.h"
#include "engine/nn/backend.h"
#include "engine/nn/model.h"
#include "engine/types/annotated_images.h"
#include "engine/types/restained.h"
#include "nodes/train_cnn/params.h"
#include "nodes/train_cnn/source.h"

namespace mito::train_cnn {

/// One line of the training log.
struct EpochMetrics {
  std::int64_t epoch = 0;  ///< From 1.
  double learning_rate = 0;
  double loss = 0;  ///< Mean cross-entropy over the epoch's batches.
  BestF1 validation;
  std::int64_t negatives = 0;
  std::int64_t hard_negatives = 0;
};

/// What a training run needs from its surroundings.
struct Hooks {
  std::string name = "train_cnn";  ///< Names the random streams.
  std::function<bool()> stop = [] { return false; };
  std::function<void(const std::string&, double)> progress = [](const std::string&, double) {};
  std::function<std::optional<Record>()> load = [] { return std::nullopt; };
  std::function<void(const Record&)> save = [](const Record&) {};
  std::function<void(const std::vector<EpochMetrics>&)> report =
      [](const std::vector<EpochMetrics>&) {};
};

/// The weights of the best epoch.
struct Trained {
  nn::Tensors weights;
  std::int64_t best_epoch = 0;
  BestF1 best;
  std::vector<EpochMetrics> epochs;
};

/// The loop of METHODS 7.4 to 7.7 and 8.1: balanced batches of augmented patches, Adam with an
/// exponential learning rate, a checkpoint after every epoch and every `checkpoint_s`, validation
/// F1 maximised over the threshold, the best epoch kept. Every random number depends on (seed,
/// name, epoch, sample) only: a run that was stopped and resumed gives the same weights. Throws
/// DataError when the loss is not finite (naming the samples), or when a checkpoint belongs to
/// another run; Interrupted, after a checkpoint, when asked to stop.
Trained run_epochs(const Params& params,
                   const SampleSource& source,
                   nn::Learner& learner,
                   const Hooks& hooks);

/// Dense evaluation of `images`, objects (METHODS 9.2), and the score threshold with the highest F1
/// at `match_radius_um` by the rule any_hit (METHODS 10.1).
BestF1 operating_point(const Params& params,
                       const std::vector<Image>& images,
                       const nn::Network& network,
                       const Hooks& hooks);

/// Weights to begin with: those of `start`, else random ones drawn from (seed, `name`).
/// Throws DataError when `start` has another architecture than the parameters ask for.
nn::Tensors first_weights(const Params& params, const nn::Model* start, const std::string& name);

/// F1 of the validation patches of `source` by the threshold that is best for them, or by a given
/// one.
BestF1 patch_operating_point(const SampleSource& source,
                             const nn::Network& network,
                             std::optional<double> threshold);

/// What to train on: either images or patches, and patches may come in two lists.
struct Data {
  const AnnotatedImages* images = nullptr;
  const LabelledPatches* patches = nullptr;
  const LabelledPatches* more_patches = nullptr;
};

/// Splits the data by case, trains, and stores the threshold that `params` asks for. `start` may be
/// null. Throws DataError when neither or both kinds of data are there, and as the parts do.
nn::Model train(const Params& params, const Data& data, const nn::Model* start, const Hooks& hooks);

/// The log as CSV (one header line) and as JSON lines.
std::string metrics_csv(const std::vector<EpochMetrics>& epochs);
std::string metrics_json_lines(const std::vector<EpochMetrics>& epochs);

}  // namespace mito::train_cnn
