#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"

namespace mito::nodes {
namespace {

/// model file -> model.
struct LoadModel {
  static constexpr graph::NodeInfo kInfo{
      .type = "load_model",
      .version = 1,
      .paper = "IV-B",
      .summary = "Reads a trained network and checks every tensor of it."};
  static constexpr std::array<std::string_view, 1> kInputs{"file"};
  static constexpr std::string_view kOutput = "model";

  static nn::Model run(const NoParams& /*params*/, const File& file) {
    return nn::load_model(file.path);
  }
};

/// model files -> their models, for an ensemble.
struct LoadModels {
  static constexpr graph::NodeInfo kInfo{
      .type = "load_models",
      .version = 1,
      .paper = "IV-C",
      .summary = "Reads trained networks, of which `ensemble` makes one."};
  static constexpr std::array<std::string_view, 1> kInputs{"files"};
  static constexpr std::string_view kOutput = "model";

  struct Plan {
    std::vector<nn::Model> models;
    std::size_t size() const { return models.size(); }
  };

  static Plan plan(const NoParams& /*params*/, const FileList& files) {
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
