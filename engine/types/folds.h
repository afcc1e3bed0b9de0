#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mito {

/// The fold, from 0, in which each of some labelled objects is left out when all are to be judged
/// by networks that have not seen them. Objects of one case are of one fold; those of a single case
/// are dealt out in turn. There are as many folds as cases, but `folds` at most and two at least.
/// Throws DataError when there are fewer than two objects.
std::vector<std::uint32_t> folds_of(const std::vector<std::string>& cases, int folds);

}  // namespace mito
