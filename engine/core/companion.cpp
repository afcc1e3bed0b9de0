#include "engine/core/companion.h"

#include <cstdlib>
#include <system_error>

#include <dlfcn.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito {

std::vector<std::filesystem::path> companion_places(const char* variable,
                                                    const std::string& name,
                                                    const std::filesystem::path& build_folder) {
  if (const char* given = std::getenv(variable); given != nullptr && *given != '\0') return {given};
  std::vector<std::filesystem::path> out;
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed) {
    out.push_back(program.parent_path() / name);
    out.push_back((program.parent_path() / "../lib/mitoloom" / name).lexically_normal());
  }
  out.push_back(build_folder / name);
  return out;
}

std::filesystem::path companion_program(const char* variable,
                                        const std::string& name,
                                        const std::filesystem::path& build_folder,
                                        const std::string& work) {
  std::string tried;
  for (const auto& place : companion_places(variable, name, build_folder)) {
    if (::access(place.c_str(), X_OK) == 0) return place;
    tried += (tried.empty() ? "" : ", ") + place.string();
  }
  throw DataError(
      fmt::format("{} by the program {}, which is not there (tried: {}); it is built and installed "
                  "with mitoloom, or set {} to it",
                  work, name, tried, variable));
}

CompanionLibrary companion_library(const char* variable,
                                   const std::string& name,
                                   const std::filesystem::path& build_folder,
                                   const char* version_symbol,
                                   int version) {
  std::string tried;
  for (const auto& place : companion_places(variable, name, build_folder)) {
    if (::access(place.c_str(), F_OK) != 0) {
      tried += fmt::format("\n  {}: not there", place.string());
      continue;
    }
    void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* reason = dlerror();
      tried += fmt::format("\n  {}: {}", place.string(), reason == nullptr ? "unknown" : reason);
      continue;
    }
    using Version = int (*)();
    const auto own = reinterpret_cast<Version>(dlsym(library, version_symbol));
    if (own != nullptr && own() == version) return {library, ""};
    tried += fmt::format("\n  {}: belongs to another version of mitoloom", place.string());
  }
  return {nullptr, tried};
}

}  // namespace mito
