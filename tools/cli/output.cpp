#include "tools/cli/output.h"

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <system_error>

#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::cli {

namespace fs = std::filesystem;

std::filesystem::path out_folder(const std::string& file, const std::string& out) {
  return out.empty() ? std::filesystem::path("out") / std::filesystem::path(file).stem()
                     : std::filesystem::path(out);
}

std::string duration_text(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

void check_output_folder(const fs::path& folder) {
  fs::path existing = folder;
  std::error_code error;
  auto status = fs::symlink_status(existing, error);
  while (status.type() == fs::file_type::not_found) {
    existing = existing.has_parent_path() ? existing.parent_path() : fs::path(".");
    status = fs::symlink_status(existing, error);
  }
  const bool is_folder = fs::is_directory(existing, error);
  const auto fail = [&](const std::string& why) {
    throw DataError(fmt::format("cannot write results to '{}': {}; choose another --out",
                                folder.string(), why));
  };
  if (error == std::errc::permission_denied || error == std::errc::not_a_directory)
    fail(fmt::format("'{}': {}", existing.string(), error.message()));
  if (!is_folder) fail(fmt::format("'{}' is a file, expected a folder", existing.string()));
  if (::access(existing.c_str(), W_OK | X_OK) != 0)
    fail(fmt::format("the folder '{}': {}", existing.string(),
                     std::generic_category().message(errno)));
}

void flush_printed() {
  errno = 0;
  const bool had_failed = std::ferror(stdout) != 0;
  const bool flushed = std::fflush(stdout) == 0 && std::cout.flush().good();
  if (flushed && !had_failed) return;
  throw std::system_error(errno != 0 ? errno : EIO, std::generic_category(),
                          "cannot write to file");
}

}  // namespace mito::cli
