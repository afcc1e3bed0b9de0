#pragma once
#include <string>
#include <string_view>

#include "engine/types/pathology.h"

namespace mito::export_csv {

/// Detections as CSV with the header `slide,x,y,score,label,id` (method 1.3): level-0 pixels, the
/// label `mitosis`, ids from 1 on, best first. Numbers read back as the same doubles.
std::string to_csv(const DetectionSet& detections, std::string_view slide_name);

/// Candidates as CSV with the header `slide,x,y,intensity`: level-0 pixels, darkest first.
std::string candidates_to_csv(const CandidateSet& candidates, std::string_view slide_name);

}  // namespace mito::export_csv
