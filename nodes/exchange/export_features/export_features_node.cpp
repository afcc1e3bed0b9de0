#include "engine/graph/node.h"
#include "engine/types/feature_table.h"

namespace mito::nodes {
namespace {

/// features -> features.csv in the output folder.
struct ExportFeatures {
  static constexpr graph::NodeInfo kInfo{.type = "export_features",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Writes a table of features as CSV.",
                                         .inputs = {"features"},
                                         .sink = true};

  static OutputFile run(const FeatureTable& features) { return {"features.csv", to_csv(features)}; }
};

}  // namespace

void register_export_features(graph::Registry& registry) { registry.add<ExportFeatures>(); }

}  // namespace mito::nodes
