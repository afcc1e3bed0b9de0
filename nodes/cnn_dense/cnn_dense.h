#pragma once
#include <string>

#include "engine/core/params.h"
#include "engine/nn/model.h"
#include "engine/types/pathology.h"

namespace mito::cnn_dense {

struct Params {
  std::string mode = "dense";
  std::string device = "auto";

  static void describe(auto& p, auto&& field) {
    field("mode", p.mode,
          {.choices = {"dense", "candidates"},
           .origin = Origin::Paper,
           .doc = "dense: every fourth pixel of the tissue; candidates: only at the candidates, "
                  "which must be connected."});
    field("device", p.device,
          {.choices = {"auto", "cpu", "cuda"},
           .affects = Affects::Execution,
           .doc = "Where the network runs; auto takes an accelerator when there is one."});
  }
};

/// Mitosis probability of one tile: dense map on tissue (METHODS 9.1) or at `candidates` only.
///
/// The dense map is computed in blocks of 256 px that start at the origin of the analysis grid,
/// each from its own input, so tiles of any multiple of 256 px give the same bits. Blocks without
/// tissue are skipped; positions off tissue or off the slide are 0. Throws DataError when the halo
/// is below 50 px, when core and outputs do not line up, when the model belongs to another
/// resolution or cannot be evaluated densely, or when `mode: candidates` has no candidates.
ProbabilityTile evaluate(const Params& params,
                         const Tile& tile,
                         const TissueMask& mask,
                         const nn::Model& model,
                         const CandidateSet* candidates,
                         nn::Device device);

}  // namespace mito::cnn_dense
