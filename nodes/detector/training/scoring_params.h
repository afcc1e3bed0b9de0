#pragma once
#include <string>

#include "engine/core/params.h"

namespace mito::nn {

/// How networks score a set of patches: parameters of the nodes that do. None changes a result.
struct ScoringParams {
  std::string device = "auto";
  double memory_mib = 2048;

  static void describe(auto& p, auto&& field) {
    field("device", p.device,
          {.choices = {"auto", "cpu", "cuda"},
           .affects = Affects::Execution,
           .doc = "Where the networks run; auto takes an accelerator when there is one."});
    field("memory_mib", p.memory_mib,
          {.unit = Unit::Mebibyte,
           .range = {0, 1e7},
           .affects = Affects::Execution,
           .doc = "Room for patches; those beyond it are read again for every network."});
  }
};

}  // namespace mito::nn
