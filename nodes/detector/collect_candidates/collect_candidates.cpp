#include "nodes/detector/collect_candidates/collect_candidates.h"

#include <algorithm>
#include <cmath>

#include "nodes/detector/candidates/candidate_key.h"

namespace mito::collect_candidates {

std::vector<Candidate> darkest_first(std::vector<Candidate> candidates) {
  const auto key = [](const Candidate& candidate) {
    const auto intensity = static_cast<int>(std::lround(candidate.intensity * 765.0F));
    return image::CandidateKey::of(intensity, candidate.grid_x, candidate.grid_y);
  };
  std::sort(candidates.begin(), candidates.end(),
            [&](const Candidate& a, const Candidate& b) { return key(a) < key(b); });
  return candidates;
}

}  // namespace mito::collect_candidates
