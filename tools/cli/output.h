#pragma once
#include <filesystem>

namespace mito::cli {

/// Throws DataError naming `folder`, or the folder above it in which it would be made, when results
/// cannot be written there: it is a file, or this user may not write. Makes nothing.
void check_output_folder(const std::filesystem::path& folder);

/// Writes out what is printed so far. Throws std::system_error when some of it could not be
/// written, also earlier.
void flush_printed();

}  // namespace mito::cli
