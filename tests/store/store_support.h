#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/temp_folder.h"

namespace mito::store {

/// File names in a folder, sorted.
std::vector<std::string> names_in(const std::filesystem::path& folder);

bool has_h5py();

/// Runs a Python program; a failure is a failure of the test, with what Python printed.
void run_python(const std::string& program, const std::vector<std::filesystem::path>& arguments);

/// Runs `work` in a child process that can write no file larger than `bytes` (as if the disk were
/// full). Returns "DataError: <message>", "no error", or how the child died.
std::string in_child_with_file_limit(std::size_t bytes, const std::function<void()>& work);

}  // namespace mito::store
