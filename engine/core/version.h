#pragma once
#include <string_view>

namespace mito {

/// Version of the program: "0.1.0".
std::string_view version();

}  // namespace mito
