#include "engine/core/companion.h"

#include <cstdlib>
#include <string_view>
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

CompanionEntry open_companion(const CompanionLibrary& library) {
  std::string tried;
  for (const auto& place : companion_places(library.variable, library.name, library.build_folder)) {
    const auto reject = [&](std::string_view why) {
      tried += fmt::format("\n  {}: {}", place.string(), why);
    };
    if (::access(place.c_str(), F_OK) != 0) {
      reject("not there");
      continue;
    }
    void* opened = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (opened == nullptr) {
      const char* reason = dlerror();
      reject(reason == nullptr ? "unknown" : reason);
      continue;
    }
    using Version = int (*)();
    const auto version = reinterpret_cast<Version>(dlsym(opened, library.version_symbol));
    if (version == nullptr || version() != library.version) {
      reject("belongs to another version of mitoloom");
      continue;
    }
    if (void* entry = dlsym(opened, library.entry_symbol)) return {entry};
    reject(fmt::format("has no {}", library.entry_symbol));
  }
  return {nullptr, tried};
}

}  // namespace mito
