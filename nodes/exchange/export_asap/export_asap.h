#pragma once
#include <string>

#include "engine/types/pathology.h"

namespace mito::export_asap {

/// Detections as annotations of ASAP: one dot each in the group `mitosis`, named after its rank and
/// its probability. Level-0 pixels of the whole slide: ASAP does not cut it to what was scanned.
std::string to_asap_xml(const DetectionSet& detections);

}  // namespace mito::export_asap
