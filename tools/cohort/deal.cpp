#include "tools/cohort/deal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string_view>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::cohort {
namespace {

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::size_t of_slurm(const char* name) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
  if (text == nullptr)
    throw ConfigError(
        fmt::format("--shard auto: error: this is no task of an array of Slurm: {} is not set; "
                    "give --shard I/N",
                    name));
  const auto value = number(text);
  if (!value)
    throw ConfigError(fmt::format("--shard auto: error: {} is '{}', no number", name, text));
  return *value;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  if (text == "auto") {
    const auto id = of_slurm("SLURM_ARRAY_TASK_ID");
    const auto count = std::max<std::size_t>(of_slurm("SLURM_ARRAY_TASK_COUNT"), 1);
    const auto first = of_slurm("SLURM_ARRAY_TASK_MIN");
    // An array may have gaps ("3,5,9"): any place will do, since no slide is bound to its task.
    return {(id >= first ? id - first : id) % count + 1, count};
  }
  if (const auto shard = shard_from(text)) return *shard;
  throw ConfigError(fmt::format(
      "--shard {}: error: expected auto, or I/N with I from 1 to N, such as 2/3", text));
}

std::vector<std::uint32_t> order_of(std::span<const std::uint64_t> costs, const Shard& shard) {
  std::vector<std::uint32_t> all(costs.size());
  std::iota(all.begin(), all.end(), 0U);
  std::ranges::stable_sort(all, [&](auto a, auto b) { return costs[a] > costs[b]; });
  std::vector<std::uint64_t> load(shard.count, 0);
  std::vector<bool> own(costs.size(), false);
  for (const auto slide : all) {
    const auto least = std::ranges::min_element(load);
    own[slide] = least - load.begin() == static_cast<std::ptrdiff_t>(shard.index) - 1;
    *least += std::max<std::uint64_t>(costs[slide], 1);
  }
  std::ranges::stable_partition(all, [&](auto slide) { return own[slide]; });
  return all;
}

std::size_t batch_size(std::span<const std::uint32_t> open,
                       std::span<const std::uint64_t> costs,
                       const Shard& shard,
                       std::uint64_t worth) {
  constexpr std::size_t kMost = 16;
  constexpr std::size_t kMostSmall = 64;  // of slides that are worth little
  std::uint64_t left = 0;
  for (const auto slide : open) left += costs[slide];
  const std::uint64_t share = left / (4 * shard.count);
  worth = std::min(worth, left / (2 * shard.count));
  std::uint64_t taken = 0;
  std::size_t size = 0;
  while (size < open.size() && size < kMostSmall) {
    taken += costs[open[size]];
    if (size > 0 && taken > worth && (taken > share || size >= kMost)) break;
    ++size;
  }
  return size;
}

}  // namespace mito::cohort
