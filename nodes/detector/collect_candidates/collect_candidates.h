#pragma once
#include <vector>

#include "engine/types/pathology.h"

namespace mito::collect_candidates {

/// Puts candidates of many tiles into one order, darkest first by the key of method 5.1, so that
/// the list of a slide depends neither on its tiles nor on their order.
std::vector<Candidate> darkest_first(std::vector<Candidate> candidates);

}  // namespace mito::collect_candidates
