#include "engine/graph/node.h"
#include "engine/nn/foretold_networks.h"
#include "engine/nn/model.h"
#include "engine/types/pathology.h"

namespace mito::nodes {
namespace {

struct SaveModelParams {
  std::string file_name = "model.h5";

  static void describe(auto& p, auto&& field) {
    field("file_name", p.file_name, {.doc = "Name of the file in the output folder."});
  }
};

/// model -> model file that load_model reads.
struct SaveModel {
  static constexpr graph::NodeInfo kInfo{.type = "save_model",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Writes a trained network as a model file.",
                                         .inputs = {"model"},
                                         .sink = true,
                                         .identified = true};

  static std::string check(const SaveModelParams& params) {
    const std::filesystem::path name = params.file_name;
    if (name.empty() || name != name.filename())
      return "parameter 'file_name' must be a plain file name";
    return {};
  }

  static std::optional<graph::Costs> cost(const SaveModelParams& /*params*/,
                                          const Foresight& ahead) {
    const auto model = ahead.at<nn::ForetoldNetworks>("model");
    if (model == nullptr) return std::nullopt;
    return graph::Costs{{.output_mib = model->mib(model->networks)}};
  }
  static FileArtifact run(const SaveModelParams& params,
                          const graph::NodeContext& context,
                          const nn::Model& model) {
    nn::save_model(model, context.out_folder / params.file_name);
    return {params.file_name};
  }
};

}  // namespace

void register_save_model(graph::Registry& registry) { registry.add<SaveModel>(); }

}  // namespace mito::nodes
