#include "engine/core/atomic_file.h"
#include "engine/graph/node.h"
#include "engine/nn/foretold_networks.h"
#include "nodes/detector/ensemble/ensemble.h"

namespace mito::nodes {
namespace {

/// networks (items) [, validation patches, slides] -> one model; with validation patches also
/// ensemble.json in the folder of the part.
struct Ensemble {
  static constexpr graph::NodeInfo kInfo{
      .type = "ensemble",
      .version = 1,
      .paper = "IV-C",
      .summary = "Joins networks to one model that gives the mean of their probabilities.",
      .inputs = {"models", "validation", "slides"},
      .output = "model"};

  static std::shared_ptr<const nn::ForetoldNetworks> foretell(const ensemble::Params& /*params*/,
                                                              const Foresight& ahead) {
    return ahead.at<nn::ForetoldNetworks>("models");
  }
  static std::optional<graph::Costs> cost(const ensemble::Params& /*params*/,
                                          const Foresight& ahead) {
    const auto members = ahead.at<nn::ForetoldNetworks>("models");
    if (members == nullptr) return std::nullopt;
    return graph::Costs{{.store_mib = members->mib(members->networks)}};
  }

  struct Members {
    std::vector<nn::Model> models;
    std::optional<nn::PlainPatches> validation;
    std::string device;
    std::filesystem::path folder;
    std::function<bool()> stop;
  };

  static Members begin(const ensemble::Params& params,
                       const graph::NodeContext& context,
                       const PatchSet* validation,
                       const SlideCollection* slides) {
    Members out;
    out.device = context.device_or(params.device);
    out.folder = context.part_folder();
    out.stop = context.stop;
    if (validation != nullptr) {
      nn::check_classes(*validation, "validation");
      out.validation.emplace(*validation, slides, params.memory_mib, context.stop);
    }
    return out;
  }

  static void add(Members& members, const nn::Model& model) { members.models.push_back(model); }

  static nn::Model finish(Members members) {
    if (!members.validation)
      return ensemble::join(members.models, nullptr, nn::Device::Cpu, members.stop).model;
    const auto& validation = *members.validation;
    const auto joined =
        ensemble::join(members.models, &validation, nn::device_from(members.device), members.stop);
    write_file(members.folder / ensemble::kReportFile, ensemble::report(joined, validation));
    return joined.model;
  }
};

}  // namespace

void register_ensemble(graph::Registry& registry) { registry.add<Ensemble>(); }

}  // namespace mito::nodes
