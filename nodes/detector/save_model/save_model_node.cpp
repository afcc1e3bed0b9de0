#include "engine/core/digest.h"
#include "engine/graph/node.h"
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
                                         .sink = true};
  using Params = SaveModelParams;
  static constexpr std::array<std::string_view, 1> kInputs{"model"};
  static constexpr std::string_view kOutput = "file";

  static std::string check(const Params& params) {
    const std::filesystem::path name = params.file_name;
    if (name.empty() || name != name.filename())
      return "parameter 'file_name' must be a plain file name";
    return {};
  }

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const nn::Model& model) {
    const auto file = context.out_folder / params.file_name;
    nn::save_model(model, file);
    return {params.file_name, sha256_file(file)};
  }
};

}  // namespace

void register_save_model(graph::Registry& registry) { registry.add<SaveModel>(); }

}  // namespace mito::nodes
