#include <filesystem>

#include <spdlog/fmt/fmt.h>

#include "engine/nn/model.h"
#include "tools/cli/commands.h"

namespace mito::cli {

int model_seal(const std::vector<std::string>& files) {
  for (const std::filesystem::path file : files)
    fmt::print("{}: {}\n", file.string(),
               nn::seal_model(file) ? "sealed" : "was sealed, and is whole");
  return kOk;
}

}  // namespace mito::cli
