#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/shard.h"

namespace mito::cohort {

/// Reads "2/3", or "auto": what Slurm says of the array that this task belongs to. Throws
/// ConfigError.
Shard parse_shard(const std::string& text);

/// All slides in the order in which a task asks for them. Slides are dealt by cost, the largest
/// first, each to the task that has least so far; a task begins with its own and goes on with those
/// of the others, the largest first.
std::vector<std::uint32_t> order_of(std::span<const std::uint64_t> costs, const Shard& shard);

/// How many of the slides `open`, which are in the order of order_of(), a task takes at a time: so
/// few that all tasks end together, also those on slow machines, by what the slides cost. At least
/// one; beyond that enough for one to be read while another is computed. `worth`: what costs less
/// is not worth a batch of its own, since to begin one costs, too; at most half of an equal share.
std::size_t batch_size(std::span<const std::uint32_t> open,
                       std::span<const std::uint64_t> costs,
                       const Shard& shard,
                       std::uint64_t worth = 0);

}  // namespace mito::cohort
