#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace mito::cohort {

/// A slide that failed, and whether it may be tried again now.
struct Retried {
  std::string slide;
  std::string message;
  bool again = false;
};

/// Lets the next run try failed slides again. What failed by its content does so again, so it is
/// left alone unless `all`. Throws DataError.
std::vector<Retried> retry(const std::filesystem::path& out, bool all);

}  // namespace mito::cohort
