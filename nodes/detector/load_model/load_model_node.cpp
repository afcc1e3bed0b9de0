#include <filesystem>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"

namespace mito::nodes {
namespace {

/// One line for each file whose content nobody can check.
std::vector<std::string> unsealed(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> lines;
  for (const auto& path : paths)
    if (!nn::is_sealed(path))
      lines.push_back(
          fmt::format("{}: the model file has no digest of its content, so damage to it "
                      "cannot be told; `mitoloom model seal` adds one",
                      path.string()));
  return lines;
}

/// model file -> model.
struct LoadModel {
  static constexpr graph::NodeInfo kInfo{
      .type = "load_model",
      .version = 1,
      .paper = "IV-B",
      .summary = "Reads a trained network and checks every tensor of it.",
      .inputs = {"file"},
      .output = "model"};

  static std::shared_ptr<const nn::ModelInfo> foretell(const Foresight& ahead) {
    const auto file = ahead.at<File>("file");
    if (file == nullptr) return nullptr;
    return std::make_shared<const nn::ModelInfo>(nn::load_model(file->path).info());
  }
  static std::vector<std::string> warnings(const Foresight& ahead) {
    const auto file = ahead.at<File>("file");
    return file == nullptr ? std::vector<std::string>{} : unsealed({file->path});
  }
  static nn::Model run(const File& file) { return nn::load_model(file.path); }
};

/// model files -> their models, for an ensemble.
struct LoadModels {
  static constexpr graph::NodeInfo kInfo{
      .type = "load_models",
      .version = 1,
      .paper = "IV-C",
      .summary = "Reads trained networks, of which `ensemble` makes one.",
      .inputs = {"files"},
      .output = "model"};

  struct Plan {
    std::vector<nn::Model> models;
    std::size_t size() const { return models.size(); }
  };

  static std::vector<std::string> warnings(const Foresight& ahead) {
    const auto files = ahead.at<FileList>("files");
    return files == nullptr ? std::vector<std::string>{} : unsealed(files->paths);
  }
  static Plan plan(const FileList& files) {
    Plan plan;
    for (const auto& path : files.paths) plan.models.push_back(nn::load_model(path));
    return plan;
  }
  static nn::Model element(const Plan& plan, std::uint32_t index) { return plan.models.at(index); }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    return {plan.models.at(index).digest(), "model-" + std::to_string(index + 1), ""};
  }
};

}  // namespace

void register_load_model(graph::Registry& registry) {
  registry.add<LoadModel>();
  registry.add<LoadModels>();
}

}  // namespace mito::nodes
