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

/// Reads a manifest for the input `input`: a CSV where its own name ends in .csv or .tsv, else one
/// path per line, without empty lines and those that begin with #. Of a CSV the column called as
/// the input is names the files, where there is one: a row may have none, and several may share
/// one. Else the column that names what the rows are about does. Paths are relative to the
/// manifest. Throws DataError naming file, line and column when it names nothing, or what a row is
/// about twice.
FileManifest read_manifest(const std::filesystem::path& file, const std::string& input);

}  // namespace mito::graph
