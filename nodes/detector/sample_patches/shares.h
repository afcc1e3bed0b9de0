#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/types/training.h"

namespace mito::sample_patches {

/// What is wrong with groups of cases and their shares together, or empty.
std::string check_shares(const std::vector<std::string>& sources,
                         const std::vector<double>& positive_shares,
                         const std::vector<double>& negative_shares);

/// Some candidates of a pool, told apart by the case of their slide: a list for each of `sources`,
/// of the first of these regular expressions that fits the whole name of the case, and one for all
/// other cases. Each list keeps the order of `candidates`.
std::vector<std::vector<std::uint32_t>> groups_of(const CandidatePool& pool,
                                                  const std::vector<std::uint32_t>& candidates,
                                                  const std::vector<std::string>& sources);

/// How many of `total` each group gets: its share, the last group the rest. `names` are the
/// sources, `what` the class, for the message. Throws DataError when a group that has a share is
/// empty.
std::vector<std::int64_t> counts_of(const std::vector<double>& shares,
                                    const std::vector<std::vector<std::uint32_t>>& groups,
                                    std::int64_t total,
                                    const std::vector<std::string>& names,
                                    const std::string& what);

/// The smallest total of which every group gets at least as many as it has.
std::int64_t whole_total(const std::vector<double>& shares,
                         const std::vector<std::vector<std::uint32_t>>& groups);

/// `count` of `from`, ascending: all of it as often as it fits into `count`, and of what is left
/// over a draw without replacement.
std::vector<std::uint32_t> in_passes(const std::vector<std::uint32_t>& from,
                                     std::int64_t count,
                                     RandomStream random);

}  // namespace mito::sample_patches
