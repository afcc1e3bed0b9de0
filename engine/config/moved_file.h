#pragma once
#include <filesystem>

namespace mito::config {

/// Where a configuration file stands now. A file `MOVED` in its folder, or in the one above, may
/// list files that were given another place: lines `OLD NEW`, relative to itself. When `file` is
/// not there and such a line names it, a warning is logged and the new path returned; else `file`
/// itself.
std::filesystem::path follow_moved(const std::filesystem::path& file);

}  // namespace mito::config
