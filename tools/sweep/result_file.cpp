#include "tools/sweep/result_file.h"

#include <fstream>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::sweep {

nlohmann::json read_result(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw DataError(fmt::format("{}: no such file", file.string()));
  auto root = nlohmann::json::parse(in, nullptr, false);
  if (root.is_discarded()) throw DataError(fmt::format("{}: is not JSON", file.string()));
  return root;
}

}  // namespace mito::sweep
