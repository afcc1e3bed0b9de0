#pragma once
#include "engine/types/training.h"

namespace mito::candidate_pool {

/// Appends a slide and its candidates; those of neither class are left out. Throws DataError naming
/// both slides when the pool has one with the same pixels already: counted twice, it could be
/// trained on and tested on.
void add(CandidatePool& pool, const LabelledCandidates& slide);

}  // namespace mito::candidate_pool
