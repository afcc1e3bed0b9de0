#include "engine/config/find_file.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include <spdlog/spdlog.h>

#include "engine/core/text.h"

namespace mito::config {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kShipped = "mitoloom/";
constexpr std::string_view kParts = "parts";  // are included, never run

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_directory(path, ignored);
}

/// What `MOVED` says of a file, or nothing.
fs::path moved(const fs::path& file) {
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
  return {};
}

/// May it be the name of a file of the search folders?
bool is_name(const fs::path& named) {
  const std::string text = named.string();
  return !text.empty() && named.is_relative() && text.front() != '.';
}

/// The folders in a search folder that hold what is run, in the order of their names.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_directory(ignored) && entry.path().filename() != kParts)
      found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

/// `name` in `folder`, with or without its ending; empty when it is not there.
fs::path in_folder(const fs::path& folder, const fs::path& name) {
  const auto path = folder / name;
  if (is_file(path)) return path;
  const fs::path with_ending = path.string() + ".yaml";
  return is_file(with_ending) ? with_ending : fs::path();
}

}  // namespace

fs::path shared_folder() {
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  if (!failed) {
    auto installed = (program.parent_path() / "../share/mitoloom").lexically_normal();
    if (fs::is_directory(installed, failed)) return installed;
  }
  return MITO_SOURCE_FOLDER;
}

std::vector<fs::path> search_folders() {
  std::vector<fs::path> folders;
  if (const char* given = std::getenv("MITOLOOM_PATH"); given != nullptr) {
    std::istringstream list(given);
    for (std::string folder; std::getline(list, folder, ':');)
      if (!folder.empty()) folders.emplace_back(folder);
  }
  folders.push_back(shared_folder() / "pipelines");
  return folders;
}

fs::path find_file(const fs::path& named) {
  if (is_file(named)) return named;
  if (auto there = moved(named); !there.empty()) return there;
  if (!is_name(named)) return named;
  for (const auto& folder : search_folders()) {
    if (auto found = in_folder(folder, named); !found.empty()) return found;
    if (named.has_parent_path()) continue;
    for (const auto& inner : folders_in(folder))
      if (auto found = in_folder(inner, named); !found.empty()) return found;
  }
  return named;
}

std::vector<std::string> file_names() {
  std::vector<std::string> names;
  for (const auto& folder : search_folders()) {
    auto all = folders_in(folder);
    all.push_back(folder);
    std::error_code ignored;
    for (const auto& inner : all)
      for (const auto& entry : fs::directory_iterator(inner, ignored))
        if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::string not_found_hint(const fs::path& named) {
  if (!is_name(named) || named.has_parent_path()) return {};
  return did_you_mean(named.stem().string(), file_names());
}

fs::path find_named_in(const Value& written) {
  const auto beside = fs::path(written.pos.file).parent_path() / written.scalar;
  if (is_file(beside) || !written.scalar.starts_with(kShipped)) return beside;
  for (const auto& folder : search_folders())
    if (auto found = in_folder(folder, written.scalar.substr(kShipped.size())); !found.empty())
      return found;
  return beside;
}

}  // namespace mito::config
