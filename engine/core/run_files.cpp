#include "engine/core/run_files.h"

#include <string>

#include "engine/core/atomic_file.h"

namespace mito::run_files {

bool is_result(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return name != kManifest && name != kOutputs && name != kRecord && name != kState &&
         name != kSlides && name != kSweepRecord && !is_temporary(file);
}

}  // namespace mito::run_files
