#pragma once
#include <filesystem>
#include <string>

namespace mito::cli {

/// Where results of a pipeline or sweep file go: `out`, or without it out/<name of the file>.
std::filesystem::path out_folder(const std::string& file, const std::string& out);

/// Throws DataError naming `folder`, or the folder above it in which it would be made, when results
/// cannot be written there: it is a file, or this user may not write. Makes nothing.
void check_output_folder(const std::filesystem::path& folder);

/// "40 s", "25 min", "2.1 h"
std::string duration_text(double seconds);

/// Writes out what is printed so far. Throws std::system_error when some of it could not be
/// written, also earlier.
void flush_printed();

}  // namespace mito::cli
