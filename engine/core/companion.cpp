#include "engine/core/companion.h"

#include <cstdlib>
#include <system_error>

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

}  // namespace mito
