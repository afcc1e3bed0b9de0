#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/record.h"
#include "engine/nn/backend.h"
#include "engine/types/training.h"
#include "nodes/detector/train_cnn/training_params.h"
#include "nodes/detector/training/patch_f1.h"
#include "nodes/detector/training/plain_patches.h"

namespace mito::train_cnn {

/// One line of the training log.
struct EpochMetrics {
  std::int64_t epoch = 0;  ///< From 1.
  double learning_rate = 0;
  double loss = 0;            ///< Mean cross-entropy over the epoch's batches.
  stats::PatchF1 validation;  ///< At the threshold that is best for it.
  stats::PatchF1 half;        ///< At 0.5.
  double samples_per_second = 0;
  double waited_s = 0;  ///< For batches: time between the end of one step and the next batch.
};

/// What a training run needs from its surroundings.
struct Hooks {
  std::function<bool()> stop = [] { return false; };
  std::function<void(const std::string&, double)> progress = [](const std::string&, double) {};
  std::function<std::optional<Record>()> load = [] { return std::nullopt; };
  std::function<void(const Record&)> save = [](const Record&) {};
  /// After every epoch: the log so far, and the F1 curve of the epoch kept.
  std::function<void(const std::vector<EpochMetrics>&, const std::vector<stats::PatchF1>&)> report =
      [](const auto&, const auto&) {};
  /// For validation patches that do not fit into memory; empty: those are read anew every epoch.
  std::filesystem::path scratch = {};
};

/// The weights of the epoch kept: the best or the last one.
struct Trained {
  nn::Tensors weights;
  std::int64_t best_epoch = 0;
  std::vector<EpochMetrics> epochs;
  std::vector<stats::PatchF1> curve;  ///< F1 of the validation patches in the epoch kept.
  const EpochMetrics& best() const { return epochs.at(static_cast<std::size_t>(best_epoch - 1)); }
};

/// What a run trains and is validated on.
struct RunData {
  PatchSet patches;  ///< For names only: needs no pixels, which are in the batches.
  nn::PlainPatches validation;
  std::string identity;    ///< Of data and first weights: a checkpoint of another one is refused.
  std::uint32_t size = 0;  ///< Batches in all epochs.
};

/// The loop of method 7.4 to 7.7, turned inside out: the batches come from elsewhere, one by one,
/// in order. Adam with an exponential learning rate; after every epoch the validation F1 maximised
/// over the threshold, the best epoch kept, and a checkpoint. Dropout is drawn from (seed of the
/// batch, "train_cnn/dropout", sample, epoch), so a run that was stopped at any batch and gone on
/// with gives the same weights bit for bit. Used by one thread at a time.
class Trainer {
 public:
  /// Goes on from the checkpoint that `hooks.load` gives. Throws DataError when it belongs to
  /// another run.
  Trainer(const Params& params, std::shared_ptr<nn::Learner> learner, RunData data, Hooks hooks);
  /// Keeps what an unfinished run has learnt since its last checkpoint.
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// One step with batch `index` of the run; nothing once the run has ended early, or when the
  /// checkpoint has seen that batch. Throws DataError
  /// when the batch is not the next one, does not fit, or its loss is not finite, naming its
  /// samples (method 7.10); Interrupted, after a checkpoint, when asked to stop.
  void add(std::uint32_t index, const TrainingBatch& batch);

  /// After the last batch. Throws DataError when batches are missing.
  Trained finish();

  /// Batches that the run of a checkpoint has no more need of: those it has seen, or all when it
  /// has ended early.
  static std::uint32_t seen(const Record& checkpoint);

 private:
  using Clock = std::chrono::steady_clock;

  void check(std::uint32_t index, const TrainingBatch& batch) const;
  double step(const TrainingBatch& batch);
  void draw_dropout(const TrainingBatch& batch);
  std::vector<float> validate() const;
  void finish_epoch(const BatchPlace& place);
  void report_progress(const BatchPlace& place);
  void save();
  void resume(const Record& record);
  std::string identity() const;

  const Params params_;
  const std::shared_ptr<nn::Learner> learner_;
  const RunData data_;
  const Hooks hooks_;
  const std::int64_t features_;

  std::uint32_t seen_ = 0;          ///< Batches of the run so far.
  std::int64_t epoch_ = 0;          ///< From 0.
  std::int64_t epoch_batches_ = 0;  ///< Batches of this epoch so far.
  double loss_sum_ = 0;
  double stepped_s_ = 0;
  double waited_s_ = 0;
  double samples_ = 0;
  bool ended_ = false;  ///< Early: nothing more to learn.
  Trained out_;

  bool unsaved_ = false;
  bool failed_ = false;
  Clock::time_point saved_at_;
  Clock::time_point began_at_;                   ///< The first step of this process.
  std::uint32_t began_with_ = 0;                 ///< Batches seen before it.
  std::optional<Clock::time_point> free_since_;  ///< End of the last step of this epoch.
  std::vector<float> dropout_;
};

/// "1 h 05 min", "12 min", "40 s".
std::string duration_text(double seconds);

/// The log as CSV (one header line) and as JSON lines.
std::string metrics_csv(const std::vector<EpochMetrics>& epochs);
std::string metrics_json_lines(const std::vector<EpochMetrics>& epochs);

}  // namespace mito::train_cnn
