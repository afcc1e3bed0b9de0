#pragma once
#include <string>

#include "engine/types/pathology.h"

namespace mito::export_midog {

inline constexpr const char* kFile = "mitotic-figures.json";

/// Detections as the MIDOG challenge takes them: a JSON of type "Multiple points", each with its
/// name, probability and position [x, y, 0] in millimetres from the centre of the first level-0
/// pixel; best first. Throws DataError when the resolution of the slide is not known.
std::string to_json(const DetectionSet& detections);

}  // namespace mito::export_midog
