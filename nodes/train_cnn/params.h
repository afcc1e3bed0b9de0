#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/nn/architecture.h"

namespace mito::train_cnn {

struct Params {
  std::string family = "table2";
  std::optional<double> width_factor;
  std::string rule = "even_floor";
  std::optional<double> slope;
  std::int64_t epochs = 20;
  std::int64_t batch = 64;
  std::int64_t samples_per_epoch = 0;
  double learning_rate_start = 1e-3;
  double learning_rate_end = 3e-5;
  double l2 = 1e-5;
  double dropout = 0.5;
  std::int64_t seed = 1;
  std::vector<std::string> validation_cases;
  double validation_fraction = 0;
  std::vector<std::string> exclude_cases;
  std::int64_t negatives = 100000;
  std::vector<int> mine_after_epochs;
  double hard_fraction = 0.5;
  double uniform_fraction = 0.25;
  double spot_max_intensity = 0.6;
  double spot_spacing_um = 6.0;
  double exclusion_um = 25.0;
  std::string augment = "RTC";
  double stain_sigma = 0.05;
  std::int64_t validation_negatives = 10000;
  std::string threshold = "auto";
  double object_probability = 0.8;
  double nms_um = 25.0;
  double match_radius_um = 7.5;
  std::string device = "auto";
  double checkpoint_s = 300;
  double memory_mib = 8192;

  static void describe(auto& p, auto&& field) {
    field("family", p.family,
          {.choices = {"table2", "cnn12"},
           .origin = Origin::Paper,
           .doc = "table2: CNN3, CNN4, CNN5; cnn12: CNN1 and CNN2 (METHODS 7.1, 7.2)."});
    field("width_factor", p.width_factor,
          {.range = {0.01, 4},
           .origin = Origin::Paper,
           .doc = "gamma: scales every filter count; without it 0.6 for table2, 1 for cnn12."});
    field("rule", p.rule,
          {.choices = {"even_floor", "floor", "round"},
           .doc = "How a fractional filter count is rounded; even_floor gives Table III."});
    field("slope", p.slope,
          {.range = {0, 1},
           .doc = "Slope of the leaky ReLU below 0; without it 0.01 for table2, 0 for cnn12."});
    field(
        "epochs", p.epochs,
        {.range = {1, 10000}, .origin = Origin::Paper, .doc = "Passes with a learning rate each."});
    field("batch", p.batch,
          {.range = {2, 4096},
           .origin = Origin::Paper,
           .doc = "Samples per step, half of them positive; must be even."});
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
    field("validation_fraction", p.validation_fraction,
          {.range = {0, 0.9},
           .doc = "When validation_cases is empty, this share of the cases is drawn with the seed "
                  "instead: whole cases, at least one."});
    field("exclude_cases", p.exclude_cases,
          {.doc = "Cases kept out altogether, for instance for a test."});
    field("negatives", p.negatives,
          {.range = {1, 1e9},
           .origin = Origin::Paper,
           .doc = "Negatives drawn at the start and after each mining; of patches all are used."});
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
    field("augment", p.augment,
          {.choices = {"RTC", "PHH3", "none"},
           .doc = "R rotation and mirroring, E elastic, B blur, T translation, C stain (METHODS "
                  "6.3); RTC: R, C, T; PHH3: R, E, B, T, that of CNN1 and CNN2."});
    field("stain_sigma", p.stain_sigma,
          {.range = {0, 1},
           .origin = Origin::Paper,
           .doc = "Of C: alpha in 1 +- sigma, beta in +- sigma (METHODS 6.3)."});
    field(
        "validation_negatives", p.validation_negatives,
        {.range = {1, 1e9}, .doc = "Dark spots of the validation images scored after each epoch."});
    field("threshold", p.threshold,
          {.choices = {"auto", "best", "half"},
           .doc = "What is stored with the model: best is the highest F1 on the validation cases, "
                  "of dense detections where the data are images and the family is table2, else of "
                  "patches; half is 0.5; auto is best for images and half for patches."});
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

/// The network that is asked for. Throws DataError when a layer would be empty.
nn::Architecture architecture(const Params& params);

}  // namespace mito::train_cnn
