#pragma once
#include <filesystem>

namespace mito::store {

/// The folder of a store for what is on its way in or out: checkpoints, packed patches, trash.
inline constexpr const char* kScratch = "scratch";
/// What the names of folders begin with that were put away.
inline constexpr const char* kTrash = ".trash-";

/// Renames an artefact's folder into the scratch folder of the store `root` and returns where it
/// lies: a kill before it is removed leaves rubbish there, never half an artefact. Whoever calls
/// holds its lock alone. Throws DataError.
std::filesystem::path put_away(const std::filesystem::path& root,
                               const std::filesystem::path& folder);

/// Removes a folder or file with all it holds. Throws DataError.
void remove_folder(const std::filesystem::path& path);

}  // namespace mito::store
