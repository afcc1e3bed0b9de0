#pragma once
#include <filesystem>
#include <optional>

#include "engine/core/record.h"

namespace mito::nn {

/// Keeps the state of a training run: complete or absent, whenever the process dies.
void save_checkpoint(const std::filesystem::path& file, const Record& record);

/// The state kept in `file`, or nothing when there is none. Throws DataError when it is damaged.
std::optional<Record> load_checkpoint(const std::filesystem::path& file);

}  // namespace mito::nn
