#pragma once
#include <string>

#include "engine/types/pathology.h"

namespace mito::export_asap {

/// What is written of a slide; pointers may be null.
struct Subject {
  const DetectionSet& detections;
  const Hotspot* hotspot = nullptr;
  const TissueMask* mask = nullptr;
};

/// Detections as annotations of ASAP: one dot each in the group `mitosis`, named after its rank and
/// its probability. Then polygons: the hotspot with its counts, where stats::drawn_center() has it,
/// and the outlines of the tissue; ASAP knows no holes, those of the tissue are a group of their
/// own. Level-0 pixels of the whole slide: ASAP does not cut it to what was scanned.
std::string to_asap_xml(const Subject& subject);

}  // namespace mito::export_asap
