#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/nn/model.h"
#include "nodes/detector/train_cnn/trainer.h"

namespace mito::train_cnn {

/// What to train on. `validation` may be null where nothing is chosen by it, `slides` when the
/// patches have pixels of their own, `start` when training begins with random weights, `teacher`
/// when the targets of the batches are people's labels.
struct Data {
  const PatchSet& patches;
  const PatchSet* validation = nullptr;
  const SlideCollection* slides = nullptr;
  const nn::Model* start = nullptr;
  const nn::Model* teacher = nullptr;
};

/// `params` with the width and the slope that they leave to the network to start from (null: none).
Params for_start(Params params, const nn::Model* start);

/// Weights to begin with: those of `start`, else random ones drawn from (`seed`, "train_cnn").
/// Throws DataError when `start` has another architecture than the parameters ask for.
nn::Tensors first_weights(const Params& params, const nn::Model* start, std::uint64_t seed);

/// A network that another one learns from.
struct Origin {
  std::string whose;  ///< In messages: "its teacher".
  nn::ModelInfo info;
};

/// One network in training: the batches go in, the model comes out.
class Training {
 public:
  /// Cuts the validation patches and begins, or goes on from a checkpoint. `size` is the number of
  /// batches of all epochs. Throws DataError when a class is absent from a set, when a case is in
  /// both, when a choice lacks validation patches, and as Trainer and PlainPatches do.
  Training(const Params& params, const Data& data, std::uint32_t size, const Hooks& hooks);

  void add(std::uint32_t index, const TrainingBatch& batch) { trainer_->add(index, batch); }

  /// The network of the best epoch, with the threshold that `params` asks for.
  nn::Model finish();

 private:
  Params params_;
  nn::ModelInfo info_;
  std::vector<Origin> origins_;
  std::unique_ptr<Trainer> trainer_;
};

}  // namespace mito::train_cnn
