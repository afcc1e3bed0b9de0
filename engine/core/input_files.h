#pragma once
#include <filesystem>
#include <vector>

#include "engine/core/payload.h"

namespace mito {

/// A file named by a pipeline input. Its content digest is part of every content key below it.
struct File {
  std::filesystem::path path;
};

/// Files named by a pipeline input (a path, a list of paths, a glob pattern, or a manifest), sorted
/// by name within a glob, in the given order otherwise.
struct FileList {
  std::vector<std::filesystem::path> paths;
  std::vector<bool> caught = {};  ///< Per path: found by a pattern. Empty: all are named.
  std::vector<std::filesystem::path> folders = {};  ///< Found by a pattern, too, and left out.
  /// Manifests that are tables: CSV files of which one column named files, and whose other columns
  /// say more of each.
  std::vector<std::filesystem::path> tables = {};
  bool single = false;  ///< Given as one plain path: results go directly into the output folder.
};

template <>
struct Payload<File> {
  static constexpr TypeDesc kDesc{"File", 1};
};
template <>
struct Payload<FileList> {
  static constexpr TypeDesc kDesc{"FileList", 1};
};

}  // namespace mito
