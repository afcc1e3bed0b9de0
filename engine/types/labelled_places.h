#pragma once
#include <string>
#include <vector>

#include "engine/types/restained.h"

namespace mito {

/// Patches with labels that were drawn with known chances, one of each list per patch.
struct LabelledPlaces {
  LabelledPatches patches;
  std::vector<double> weights;      ///< Places that each stands for (SheetSample::weight).
  std::vector<std::string> images;  ///< SHA-256 of the slide's content; empty: not said.
};

template <>
struct Payload<LabelledPlaces> {
  static constexpr TypeDesc kDesc{"LabelledPlaces", 1};
};

}  // namespace mito
