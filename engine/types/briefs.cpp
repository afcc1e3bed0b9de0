// What `run` prints of results.
#include "engine/types/pathology.h"

namespace mito {

Brief brief(const TissueMask& mask) {
  Brief out{{"tissue_mm2", mask.area_mm2}};
  if (auto excluded = mask.excluded(); !excluded.empty())
    out.emplace_back("excluded", std::move(excluded));
  return out;
}

Brief brief(const CandidateSet& set) {
  return {{"candidates", static_cast<std::int64_t>(set.items.size())}};
}

Brief brief(const DetectionSet& set) {
  return {{"detections", static_cast<std::int64_t>(set.items.size())},
          {"min_probability", set.min_probability}};
}

Brief brief(const Hotspot& hotspot) {
  return {{"count_p95", hotspot.count_p95}, {"count_max", hotspot.count_max}};
}

Brief brief(const Grade& grade) { return {{"grade", grade.grade}}; }

}  // namespace mito
