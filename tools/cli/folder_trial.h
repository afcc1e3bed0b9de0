#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace mito::cli {

/// What a file system can do for a store.
struct Trial {
  std::string what;
  std::string found;
  std::string warning;  ///< Empty when all is well.
};

/// Tries what a store does in `folder`, which is made when it is not there, and leaves nothing
/// behind: locks, renaming, writing to the disk, mapping, 64 MB at once. Throws DataError when
/// files cannot be written there at all.
std::vector<Trial> try_folder(const std::filesystem::path& folder);

}  // namespace mito::cli
