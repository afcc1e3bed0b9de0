#include "engine/store/removal.h"

#include <system_error>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/hdf5/files.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const fs::path& path, const std::error_code& error) {
  throw DataError(fmt::format("cannot remove '{}': {}", path.string(), error.message()));
}

}  // namespace

fs::path put_away(const fs::path& root, const fs::path& folder) {
  fs::path trash = root / kScratch / (kTrash + folder.filename().string());
  make_folder(root / kScratch);
  remove_folder(trash);
  std::error_code error;
  fs::rename(folder, trash, error);
  if (error) fail(folder, error);
  return trash;
}

void remove_folder(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) fail(path, error);
}

}  // namespace mito::store
