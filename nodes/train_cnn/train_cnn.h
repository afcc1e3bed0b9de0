#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/core/record.h"
#include "engine/nn/backend.h"
#include "engine/nn/model.h"
#include "engine/types/annotated_images.h"
#include "nodes/train_cnn/samples.h"

namespace mito::train_cnn {

struct Params {
  double width_factor = 0.6;
  std::string rule = "even_floor";
  double slope = 0.01;
  std::int64_t epochs = 20;
  std::int64_t batch = 64;
  std::int64_t samples_per_epoch = 0;
  double learning_rate_start = 1e-3;
  double learning_rate_end = 3e-5;
  double l2 = 1e-5;
  double dropout = 0.5;
  std::int64_t seed = 1;
  std::vector<std::string> validation_cases;
  std::vector<std::string> exclude_cases;
  std::int64_t negatives = 100000;
  std::vector<int> mine_after_epochs;
  double hard_fraction = 0.5;
  double uniform_fraction = 0.25;
  double spot_max_intensity = 0.6;
  double spot_spacing_um = 6.0;
  double exclusion_um = 25.0;
  double stain_sigma = 0.05;
  std::int64_t validation_negatives = 10000;
  double object_probability = 0.8;
  double nms_um = 25.0;
  double match_radius_um = 7.5;
  std::string device = "auto";
  double checkpoint_s = 300;
  double memory_mib = 8192;

  static void describe(auto& p, auto&& field) {
    field(
        "width_factor", p.width_factor,
        {.range = {0.01, 4}, .origin = Origin::Paper, .doc = "gamma: scales every filter count."});
    field("rule", p.rule,
          {.choices = {"even_floor", "floor", "round"},
           .doc = "How a fractional filter count is rounded; even_floor gives Table III."});
    field("slope", p.slope, {.range = {0, 1}, .doc = "Slope of the leaky ReLU below 0."});
    field(
        "epochs", p.epochs,
        {.range = {1, 10000}, .origin = Origin::Paper, .doc = "Passes with a learning rate each."});
    field("batch", p.batch,
          {.range = {2, 4096},
           .origin = Origin::Paper,
           .doc = "Samples per step, half of them mitoses; must be even."});
    field("samples_per_epoch", p.samples_per_epoch,
          {.range = {0, 1e9}, .doc = "Samples in an epoch; 0 = as many as there are."});
    field("learning_rate_start", p.learning_rate_start,
          {.range = {1e-8, 1}, .origin = Origin::Paper, .doc = "Of the first epoch."});
    field("learning_rate_end", p.learning_rate_end,
          {.range = {1e-8, 1}, .origin = Origin::Paper, .doc = "Of the last epoch; exponential."});
    field("l2", p.l2, {.range = {0, 1}, .origin = Origin::Paper, .doc = "L2 factor on weights."});
    field("dropout", p.dropout,
          {.range = {0, 0.99}, .doc = "Fraction of features dropped before the output layer."});
    field("seed", p.seed, {.range = {0, 4294967295.0}, .doc = "Of all random numbers."});
    field("validation_cases", p.validation_cases,
          {.doc = "Cases that choose the epoch and the threshold; never trained on."});
    field("exclude_cases", p.exclude_cases,
          {.doc = "Cases kept out altogether, for instance for a test."});
    field("negatives", p.negatives,
          {.range = {1, 1e9},
           .origin = Origin::Paper,
           .doc = "Negatives drawn at the start and after each mining."});
    field("mine_after_epochs", p.mine_after_epochs,
          {.range = {0, 10000},
           .doc = "After these numbers of epochs the dark spots of the training images are scored "
                  "and new negatives drawn where the network errs (METHODS 8.1); 0 is for a run "
                  "that goes on from a trained network."});
    field("hard_fraction", p.hard_fraction,
          {.range = {0, 1}, .doc = "Share of negatives drawn by score after a mining."});
    field(
        "uniform_fraction", p.uniform_fraction,
        {.range = {0, 1},
         .doc = "Share of the other negatives that lies anywhere on tissue; the rest are spots."});
    field("spot_max_intensity", p.spot_max_intensity,
          {.unit = Unit::Intensity, .range = {0, 1}, .doc = "Dark spots are darker than this."});
    field("spot_spacing_um", p.spot_spacing_um,
          {.unit = Unit::Micron, .range = {1, 250}, .doc = "Smallest distance of dark spots."});
    field(
        "exclusion_um", p.exclusion_um,
        {.unit = Unit::Micron, .range = {1, 1000}, .doc = "Negatives are this far from mitoses."});
    field("stain_sigma", p.stain_sigma,
          {.range = {0, 1},
           .origin = Origin::Paper,
           .doc = "Stain augmentation: alpha in 1 +- sigma, beta in +- sigma (METHODS 6.3 C)."});
    field(
        "validation_negatives", p.validation_negatives,
        {.range = {1, 1e9}, .doc = "Dark spots of the validation cases scored after each epoch."});
    field("object_probability", p.object_probability,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .origin = Origin::Paper,
           .doc = "Objects of the final threshold choice are connected where p reaches this."});
    field("nms_um", p.nms_um,
          {.unit = Unit::Micron,
           .range = {0, 1000},
           .origin = Origin::Paper,
           .doc = "Weaker objects closer than this to a stronger one are dropped."});
    field("match_radius_um", p.match_radius_um,
          {.unit = Unit::Micron,
           .range = {0, 1000},
           .origin = Origin::Paper,
           .doc = "A mitosis is found by a detection this close (any_hit, METHODS 10.1)."});
    field("device", p.device,
          {.choices = {"auto", "cpu", "cuda"},
           .affects = Affects::Execution,
           .doc = "Where the network runs."});
    field("checkpoint_s", p.checkpoint_s,
          {.unit = Unit::Second,
           .range = {1, 1e6},
           .affects = Affects::Execution,
           .doc = "Time between checkpoints; one is also written after each epoch."});
    field("memory_mib", p.memory_mib,
          {.unit = Unit::Mebibyte,
           .range = {1, 1e7},
           .affects = Affects::Execution,
           .doc = "Limit for the pixels of all images."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

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
/// DataError when a class is absent, when the loss is not finite (naming the samples), or when a
/// checkpoint belongs to another run; Interrupted, after a checkpoint, when asked to stop.
Trained run_epochs(const Params& params,
                   const std::vector<Image>& training,
                   const std::vector<Image>& validation,
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

/// Reads the images, splits them by case, trains, and chooses the threshold on the validation
/// cases. `start` may be null.
nn::Model train(const Params& params,
                const AnnotatedImages& data,
                const nn::Model* start,
                const Hooks& hooks);

/// The log as CSV (one header line) and as JSON lines.
std::string metrics_csv(const std::vector<EpochMetrics>& epochs);
std::string metrics_json_lines(const std::vector<EpochMetrics>& epochs);

}  // namespace mito::train_cnn
