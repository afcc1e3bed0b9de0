#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/types/inputs.h"

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

}  // namespace

void register_load_model(graph::Registry& registry) { registry.add<LoadModel>(); }

}  // namespace mito::nodes
