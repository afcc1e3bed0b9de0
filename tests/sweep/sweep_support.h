#pragma once
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_folder.h"

namespace mito::sweep {

inline void write(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace mito::sweep
