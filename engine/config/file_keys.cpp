#include "engine/config/file_keys.h"

#include <algorithm>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"

namespace mito::config {

void check_keys(const Value& map,
                std::span<const Key> known,
                std::string_view owner,
                Diagnostics& out) {
  std::vector<std::string> names;
  for (const auto& key : known) names.emplace_back(key.name);
  for (const auto& entry : map.entries) {
    if (std::ranges::find(names, entry.key) != names.end()) continue;
    std::string hint = did_you_mean(entry.key, names);
    if (hint.empty()) hint = fmt::format("; known are {}", fmt::join(names, ", "));
    out.add(entry.pos, fmt::format("{}: unknown key '{}'{}", owner, entry.key, hint));
  }
}

}  // namespace mito::config
