#pragma once
#include <cstdint>

namespace mito {

/// Bytes that this process may have: the least of what the machine has, what its control group may
/// have (a container, a job of a cluster) and what `ulimit -v` allows.
std::uint64_t memory_limit();

/// Bytes that it has now.
std::uint64_t memory_in_use();

}  // namespace mito
