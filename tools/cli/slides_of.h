#pragma once
#include <vector>

#include "engine/slide/slide.h"

namespace mito::cli {

/// The slides an item of the expansion `type` holds: itself, or both of a pair. `element`: a value
/// of that type, or null.
std::vector<Slide> slides_of(const TypeDesc* type, const void* element);

}  // namespace mito::cli
