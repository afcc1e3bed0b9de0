#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "engine/core/params.h"
#include "engine/nn/architecture.h"

namespace mito::train_cnn {

struct Params {
  std::string family = "table2";
  std::optional<double> width_factor;
  std::string rule = "even_floor";
  std::optional<double> slope;
  std::string init = "glorot";
  double learning_rate_start = 1e-3;
  double learning_rate_end = 3e-5;
  double l2 = 1e-5;
  double dropout = 0.5;
  bool batch_norm = false;
  std::string keep = "best";
  std::int64_t patience = 0;
  std::string threshold = "auto";
  std::string precision = "float32";
  std::string device = "auto";
  double checkpoint_s = 300;
  double memory_mib = 2048;

  static void describe(auto& p, auto&& field) {
    field("family", p.family,
          {.choices = {"table2", "cnn12"},
           .origin = Origin::Paper,
           .doc = "table2: CNN3, CNN4, CNN5; cnn12: CNN1 and CNN2 (method 7.1, 7.2)."});
    field("width_factor", p.width_factor,
          {.range = {0.01, 4},
           .origin = Origin::Paper,
           .doc = "gamma: scales every filter count; without it that of the network to start from, "
                  "else 0.6 for table2, 1 for cnn12."});
    field("rule", p.rule,
          {.choices = {"even_floor", "floor", "round"},
           .doc = "How a fractional filter count is rounded; even_floor gives Table III."});
    field("slope", p.slope,
          {.range = {0, 1},
           .doc = "Slope of the leaky ReLU below 0; without it that of the network to start from, "
                  "else 0.01 for table2, 0 for cnn12."});
    field("init", p.init,
          {.choices = {"glorot", "he_normal"},
           .doc = "How weights are drawn; without effect when there is a network to start from."});
    field("learning_rate_start", p.learning_rate_start,
          {.range = {1e-8, 1}, .origin = Origin::Paper, .doc = "Of the first epoch."});
    field("learning_rate_end", p.learning_rate_end,
          {.range = {1e-8, 1}, .origin = Origin::Paper, .doc = "Of the last epoch; exponential."});
    field("l2", p.l2, {.range = {0, 1}, .origin = Origin::Paper, .doc = "L2 factor on weights."});
    field("dropout", p.dropout,
          {.range = {0, 0.99}, .doc = "Fraction of features dropped before the output layer."});
    field("batch_norm", p.batch_norm,
          {.affects = Affects::Addition,
           .doc = "Batch normalisation after the convolutions while it trains (Ioffe and Szegedy "
                  "2015; not in the paper); the stored network has it in its weights."});
    field(
        "keep", p.keep,
        {.choices = {"best", "last"},
         .doc = "Epoch whose weights are the model: of the highest validation F1 (method 7.7), or "
                "the last one. With last and threshold: half nothing is chosen on the validation "
                "cases, so they may be tested on."});
    field(
        "patience", p.patience,
        {.range = {0, 10000},
         .doc =
             "Epochs without a better validation F1 after which training ends; 0 = never. Without "
             "effect with keep: last."});
    field("threshold", p.threshold,
          {.choices = {"auto", "best", "half"},
           .doc = "What is stored with the model: best is the highest F1 of the validation patches "
                  "in the best epoch (method 7.7), half is 0.5 (method 4.4); auto is best for "
                  "table2 and half for cnn12."});
    field("precision", p.precision,
          {.choices = {"float32", "mixed"},
           .doc = "mixed: products in 16 bits (CUDA: half, CPU: bfloat16, slow there), the rest in "
                  "float32."});
    field("device", p.device, device_field("Where the network runs."));
    field("checkpoint_s", p.checkpoint_s,
          {.unit = Unit::Second,
           .range = {1, 1e6},
           .affects = Affects::Execution,
           .doc = "Time between checkpoints; one is also written after each epoch."});
    field("memory_mib", p.memory_mib,
          memory_field(
              "Room for validation patches; those beyond it are read again in every epoch."));
  }
};

/// The network that is asked for. Throws DataError when a layer would be empty.
nn::Architecture architecture(const Params& params);

/// Is neither the epoch nor the threshold chosen on the validation cases?
bool nothing_chosen(const Params& params);

/// Is the threshold stored with the model 0.5, whatever the validation says?
bool half_threshold(const Params& params);

}  // namespace mito::train_cnn
