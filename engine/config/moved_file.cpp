#include "engine/config/moved_file.h"

#include <fstream>
#include <sstream>
#include <string>

#include <spdlog/spdlog.h>

namespace mito::config {
namespace fs = std::filesystem;

fs::path follow_moved(const fs::path& file) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) return file;
  const auto folder = file.parent_path();
  for (const fs::path& base : {folder, (folder / "..").lexically_normal()}) {
    std::ifstream list(base / "MOVED");
    for (std::string line; std::getline(list, line);) {
      std::istringstream words(line);
      std::string old;
      std::string now;
      if (!(words >> old >> now) || old.starts_with('#')) continue;
      if ((base / old).lexically_normal() != file.lexically_normal()) continue;
      auto there = (base / now).lexically_normal();
      spdlog::warn("{} has moved to {}", file.string(), there.string());
      return there;
    }
  }
  return file;
}

}  // namespace mito::config
