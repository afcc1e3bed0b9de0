#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/drawn/simulated_observers/simulated_observers.h"

namespace mito::nodes {
namespace {

constexpr const char* kSummary = "simulated_observers.json";

/// sheet of drawn slides, their truth -> labels_observer1.csv, ... and a summary.
struct SimulatedObservers {
  static constexpr graph::NodeInfo kInfo{
      .type = "simulated_observers",
      .version = 1,
      .paper = "-",
      .summary = "Labels a sheet from the truth of drawn slides, with stated error rates.",
      .inputs = {"sheet", "truth"},
      .output = "labels",
      .sink = true};

  static OutputFiles run(const simulated_observers::Params& params,
                         const graph::NodeContext& context,
                         const File& sheet,
                         const FileList& truth) {
    const auto simulation = simulated_observers::simulate(
        params, context.node, LabelSheet::read(sheet.path), truth.paths);
    OutputFiles files;
    for (const auto& observer : simulation.observers)
      files.push_back(
          {"labels_" + observer.name + ".csv", labels_csv(observer.name, observer.labels)});
    files.push_back({kSummary, simulated_observers::summary_json(params, simulation)});
    return files;
  }
};

}  // namespace

void register_simulated_observers(graph::Registry& registry) { registry.add<SimulatedObservers>(); }

}  // namespace mito::nodes
