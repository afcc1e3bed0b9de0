#include "engine/core/memory_limit.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace mito {
namespace {

namespace fs = std::filesystem;

/// What the groups of this process may have, the least of them: version 2, from its own group up,
/// or version 1, which has one file of that name in the group's folder.
std::uint64_t control_group_limit() {
  std::uint64_t least = UINT64_MAX;
  const auto take = [&](const fs::path& file) {
    std::uint64_t bytes = 0;
    if (std::ifstream(file) >> bytes) least = std::min(least, bytes);  // "max" is no number
  };
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers == "memory") {
      const fs::path root = "/sys/fs/cgroup/memory";
      for (const auto& folder : {root, root / group.relative_path()})
        take(folder / "memory.limit_in_bytes");
    }
    if (!controllers.empty()) continue;
    fs::path folder = "/sys/fs/cgroup";
    take(folder / "memory.max");
    for (const auto& name : group.relative_path()) take((folder /= name) / "memory.max");
  }
  return least;
}

}  // namespace

std::uint64_t memory_limit() {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
  std::uint64_t limit = page * static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
  rlimit address_space{};
  if (::getrlimit(RLIMIT_AS, &address_space) == 0)
    limit = std::min<std::uint64_t>(limit, address_space.rlim_cur);
  return std::min(limit, control_group_limit());
}

std::uint64_t memory_in_use() {
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
}

}  // namespace mito
