#include "engine/core/memory_limit.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/system_failure.h"

namespace mito {
namespace {

namespace fs = std::filesystem;

/// An environment variable, since programs that this one starts have to keep to it, too.
constexpr const char* kBudget = "MITOLOOM_MEMORY";

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
  if (const char* budget = std::getenv(kBudget))
    limit = std::min(limit, parse_memory(budget).value_or(limit));
  return std::min(limit, control_group_limit());
}

std::optional<std::uint64_t> parse_memory(std::string_view text) {
  constexpr std::string_view kUnits = "KMGT";
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size()) return std::nullopt;
  const auto unit = kUnits.find(*end);
  const std::string_view rest(end + 1, text.data() + text.size());
  if (unit == std::string_view::npos || (!rest.empty() && rest != "B" && rest != "iB"))
    return std::nullopt;
  const double bytes = number * static_cast<double>(std::uint64_t{1} << (10 * (unit + 1)));
  if (!(bytes >= 1 && bytes < 1e18)) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

void set_memory_budget(const std::string& text) {
  const char* there = std::getenv(kBudget);
  const bool given = !text.empty();
  const std::string budget = given ? text : there == nullptr ? "" : there;
  if (budget.empty()) return;
  if (!parse_memory(budget))
    throw ConfigError(fmt::format("{}: error: expected a size such as 8G or 500M, got '{}'",
                                  given ? "--memory" : kBudget, budget));
  if (given) ::setenv(kBudget, budget.c_str(), 1);
}

void require_memory(std::uint64_t bytes, const std::string& what, std::uint64_t limit) {
  constexpr double kGib = 1ULL << 30U;
  if (bytes <= limit) return;
  throw SystemFailure(fmt::format(
      "{} takes at least {:.1f} GiB of memory, but there are {:.1f} GiB: of the machine, its group "
      "or --memory",
      what, static_cast<double>(bytes) / kGib, static_cast<double>(limit) / kGib));
}

std::uint64_t memory_in_use() {
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE));
}

}  // namespace mito
