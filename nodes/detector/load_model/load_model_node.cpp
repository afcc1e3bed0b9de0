#include <filesystem>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/backend.h"
#include "engine/nn/imported/card.h"
#include "engine/nn/model.h"

namespace mito::nodes {
namespace {

/// One line for each file whose content nobody can check. Networks made elsewhere are tried: they
/// must take and give what their cards state.
std::vector<std::string> look_at(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> lines;
  for (const auto& path : paths) {
    if (!nn::is_sealed(path))
      lines.push_back(
          fmt::format("{}: the model file has no digest of its content, so damage to it "
                      "cannot be told; `mitoloom model seal` adds one",
                      path.string()));
    if (!nn::is_card(path)) continue;
    const auto model = nn::load_model(path);
    if (model.imported()->needs_backend() && !nn::has_backend())
      lines.push_back(fmt::format(
          "{}: whether the network gives what its card states is seen where it runs: the network "
          "library is not here",
          path.string()));
    else
      static_cast<void>(model.network(nn::Device::Cpu));
  }
  return lines;
}

/// model file -> model.
struct LoadModel {
  static constexpr graph::NodeInfo kInfo{
      .type = "load_model",
      .version = 1,
      .paper = "IV-B",
      .summary =
          "Reads a trained network and checks it; of one made elsewhere its card "
          "(docs/models.md).",
      .inputs = {"file"},
      .output = "model"};

  static std::shared_ptr<const nn::ModelInfo> foretell(const Foresight& ahead) {
    const auto file = ahead.at<File>("file");
    if (file == nullptr) return nullptr;
    return std::make_shared<const nn::ModelInfo>(nn::load_model(file->path).info());
  }
  static std::vector<std::string> warnings(const Foresight& ahead) {
    const auto file = ahead.at<File>("file");
    return file == nullptr ? std::vector<std::string>{} : look_at({file->path});
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
    return files == nullptr ? std::vector<std::string>{} : look_at(files->paths);
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
