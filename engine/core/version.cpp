#include "engine/core/version.h"

namespace mito {

std::string_view version() { return MITO_VERSION; }

}  // namespace mito
