#pragma once
// Internal to engine/graph: files that name the files of an input.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"

namespace mito::graph {

/// What an entry of an input of type `files` names as `@FILE`.
struct FileManifest {
  struct Named {
    std::filesystem::path path;
    SourcePos pos;
  };
  std::vector<Named> files;  ///< In the order of the manifest.
  bool is_table = false;
};

/// The path behind the `@` of a manifest; none when `text` names no manifest.
std::optional<std::string> manifest_name(const std::string& text);

/// Reads a manifest: a CSV with a column that names files where its own name ends in .csv or .tsv,
/// else one path per line, without empty lines and those that begin with #. Paths are relative to
/// it. Throws DataError naming file, line and column when it names nothing, or a file twice.
FileManifest read_manifest(const std::filesystem::path& file);

}  // namespace mito::graph
