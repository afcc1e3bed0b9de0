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
          device_field("Where the networks run; auto takes an accelerator when there is one."));
    field("memory_mib", p.memory_mib,
          memory_field("Room for patches; those beyond it are read again for every network."));
  }
};

}  // namespace mito::nn
