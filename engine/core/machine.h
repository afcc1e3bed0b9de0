#pragma once
#include <string>

namespace mito {

/// Where a process number means something: the name of this machine, and of the name space that
/// process numbers are of (a container has its own).
std::string machine_name();

}  // namespace mito
