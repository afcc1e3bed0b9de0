#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/config/value.h"

namespace mito::config {

/// Where the files that come with the program lie (pipelines, data, schemas): `share/mitoloom`
/// beside the program's folder when it is installed, else the source it was built from. Has the
/// layout of the source, so that pipelines find models by relative paths.
std::filesystem::path shared_folder();

/// The folders in which pipeline and sweep files are found by name: those of $MITOLOOM_PATH,
/// separated by ':', then the pipelines of shared_folder().
std::vector<std::filesystem::path> search_folders();

/// The pipeline or sweep file that `named` means on a command line: itself where there is such a
/// file. A file `MOVED` in its folder, or in the one above, may list files that were given another
/// place: lines `OLD NEW`, relative to itself; then a warning is logged and the new path returned.
/// Else a relative name without a leading dot, with or without `.yaml`, is looked for in the search
/// folders, a single word in the folders in these, too: "detect", "studies/table3". Parts are not
/// found by a single word. `named` where nothing is found.
std::filesystem::path find_file(const std::filesystem::path& named);

/// The single words that find_file() knows, sorted.
std::vector<std::string> file_names();

/// What follows "cannot read the pipeline file" where `named` was not found: the nearest name in
/// the search folders, or nothing.
std::string not_found_hint(const std::filesystem::path& named);

/// The file that is named at `written` in another file: relative to that file, where there is
/// such a file; else "mitoloom/NAME" is NAME in the search folders. Where nothing is found, the
/// path beside the file.
std::filesystem::path find_named_in(const Value& written);

}  // namespace mito::config
