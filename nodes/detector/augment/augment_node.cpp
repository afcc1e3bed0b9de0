#include "nodes/detector/augment/augment_node.h"

#include <spdlog/fmt/fmt.h>

#include "engine/graph/node.h"
#include "nodes/detector/augment/augment.h"

namespace mito::nodes {
namespace {

/// patches of a batch [, statistics of the stain] -> what the network sees.
struct Augment {
  static constexpr graph::NodeInfo kInfo{
      .type = "augment",
      .version = 1,
      .paper = "IV-B",
      .summary = "Changes the shape, stain and focus of training patches at random.",
      .inputs = {"batches", "statistics"},
      .output = "batches"};

  static TrainingBatch run(const augment::Params& params,
                           const PatchBatch& batch,
                           const image::StainStatistics* statistics) {
    return augment::apply(augment::augmentation(params, statistics), batch);
  }
};

/// patches [, the slides they lie in] -> statistics for RandStainNA.
struct FitRandStainNa {
  static constexpr graph::NodeInfo kInfo{
      .type = "fit_randstainna",
      .version = 1,
      .paper = "-",
      .summary = "Measures how the stain of training patches varies, for RandStainNA.",
      .inputs = {"patches", "slides"},
      .output = "statistics"};

  static image::StainStatistics run(const augment::FitParams& params,
                                    const PatchSet& patches,
                                    const SlideCollection* slides) {
    return augment::fit(params, patches, slides);
  }
};

}  // namespace

std::vector<config::ParamRow> augment_numbers_in_effect(const graph::NodeView& node) {
  if (node.type->info.type != Augment::kInfo.type) return {};
  std::string yaml;
  for (const auto& row : node.params)
    if (row.value != row.default_value) yaml += fmt::format("{}: {}\n", row.name, row.value);
  augment::Params params;
  Diagnostics problems;
  if (!yaml.empty()) {
    const auto values = config::parse_yaml(yaml, node.id, problems);
    config::FieldList given;
    augment::Params::describe(params, given);
    given.read(&values, node.id, problems);
    problems.throw_if_any();  // what a checked node holds can be read
  }
  auto all = augment::in_effect(params);
  config::FieldList fields;
  augment::Params::describe(all, fields);
  return fields.rows();
}

void register_augment(graph::Registry& registry) {
  registry.add<Augment>();
  registry.add<FitRandStainNa>();
}

}  // namespace mito::nodes
