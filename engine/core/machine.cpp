#include "engine/core/machine.h"

#include <array>

#include <unistd.h>

#include "engine/core/lease.h"

namespace mito {

std::string machine_name() {
  std::array<char, 64> space{};
  const auto length = ::readlink("/proc/self/ns/pid", space.data(), space.size() - 1);
  return host_name() + "/" + (length > 0 ? space.data() : "");
}

}  // namespace mito
