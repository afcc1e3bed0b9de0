#pragma once
#include <string>

#include "engine/annotations/source.h"

namespace mito::annotations {

/// Name of the outermost element. Throws DataError with line and column when it is not XML.
std::string xml_root(const Source& source);

}  // namespace mito::annotations
