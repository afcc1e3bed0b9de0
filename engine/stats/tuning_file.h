#pragma once
#include <filesystem>
#include <string>

#include "engine/types/tuning.h"

namespace mito::stats {

/// Chosen thresholds as JSON, without their curves.
std::string tuning_json(const Tuning& tuning);

/// Reads what tuning_json() wrote; the curves stay empty. Throws DataError naming the file and what
/// is wrong in it: not JSON (line and column), a member that is missing or no threshold, damage.
Tuning read_tuning(const std::filesystem::path& file);

}  // namespace mito::stats
