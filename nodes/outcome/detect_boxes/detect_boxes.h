#pragma once
#include <string>

#include "engine/core/params.h"
#include "engine/nn/model.h"
#include "engine/types/pathology.h"

namespace mito::detect_boxes {

struct Params {
  std::string device = "auto";

  static void describe(auto& p, auto&& field) {
    field("device", p.device,
          device_field("Where the network runs; auto takes an accelerator when there is one."));
  }
};

/// The middles of the boxes that a network finds on the tissue of a tile, as points with their
/// probability; none is left out for a low one. The network goes over squares that begin at
/// multiples of their side (nn::squares_of), so that tiles of any multiple of 256 px give the same.
/// Throws DataError when the network finds no boxes, belongs to another resolution, or needs more
/// pixels around a tile than its halo has.
ProbabilityTile find(const Tile& tile,
                     const TissueMask& mask,
                     const nn::Model& model,
                     nn::Device device);

}  // namespace mito::detect_boxes
