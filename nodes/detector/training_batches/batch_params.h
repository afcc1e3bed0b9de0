#pragma once
#include <cstdint>
#include <string>

#include "engine/core/params.h"

namespace mito::training_batches {

struct Params {
  std::int64_t epochs = 20;
  std::int64_t batch = 64;
  std::string epoch = "all";
  std::int64_t samples_per_epoch = 0;
  std::string pack = "auto";
  double memory_mib = 1024;

  static void describe(auto& p, auto&& field) {
    field("epochs", p.epochs,
          {.range = {1, 10000}, .origin = Origin::Paper, .doc = "Passes over the training set."});
    field("batch", p.batch,
          {.range = {2, 4096},
           .origin = Origin::Paper,
           .doc = "Patches per step, half of them positive; must be even."});
    field("epoch", p.epoch,
          {.choices = {"all", "majority", "minority", "number"},
           .doc = "Length of an epoch: as many samples as there are patches, or so many that the "
                  "larger or the smaller class is seen once, or samples_per_epoch (method 7.6)."});
    field("samples_per_epoch", p.samples_per_epoch,
          {.range = {0, 1e9}, .doc = "For epoch: number; rounded up to whole batches."});
    field("pack", p.pack,
          {.choices = {"auto", "memory", "file", "no"},
           .affects = Affects::Execution,
           .doc = "Where patches of slides are kept once they were cut, in the order in which they "
                  "lie: in memory, in a file of the scratch folder, or nowhere, so that they are "
                  "cut again for every batch; auto: in memory while they fit memory_mib, else in "
                  "a file."});
    field("memory_mib", p.memory_mib,
          {.unit = Unit::Mebibyte,
           .range = {0, 1e7},
           .affects = Affects::Execution,
           .doc = "Limit for patches kept in memory by pack: auto."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

}  // namespace mito::training_batches
