#pragma once
#include <string>
#include <string_view>

#include "engine/types/pathology.h"

namespace mito::export_csv {

/// What is written of a slide.
struct Subject {
  const DetectionSet& detections;
  std::string name;
  double mpp_x = 0;  ///< um per level-0 pixel.
  double mpp_y = 0;
  const Hotspot* hotspot = nullptr;  ///< May be null: not known.
};

/// Detections as CSV with the header `slide,x,y,score,label,id,x_um,y_um,in_hotspot` (method 1.3):
/// level-0 pixels, the label `mitosis`, ids from 1 on, best first. x_um = x * mpp_x, likewise y, so
/// that 0 is the middle of the first pixel, as in pixels. in_hotspot is 1 for the detections that
/// the hotspot counts, as many as its `count_max`, 0 for others, empty where it is not known.
/// Numbers read back as the same doubles.
std::string to_csv(const Subject& subject);

/// Candidates as CSV with the header `slide,x,y,intensity`: level-0 pixels, darkest first.
std::string candidates_to_csv(const CandidateSet& candidates, std::string_view slide_name);

}  // namespace mito::export_csv
