#pragma once
#include <filesystem>
#include <string>

#include "engine/core/artefact_store.h"

namespace mito::store {

/// Layout version of an artefact's folder.
inline constexpr int kStoreFormat = 1;

/// The text of artefact.json. The same info gives the same text; it holds no times.
std::string to_json(const graph::ArtefactInfo& info);

/// Reads artefact.json. Throws DataError naming the file when it is missing, damaged or made by
/// a version with another layout.
graph::ArtefactInfo read_json(const std::filesystem::path& file);

}  // namespace mito::store
