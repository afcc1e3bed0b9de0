#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .sink = true};
  using Params = simulated_observers::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"sheet", "truth"};
  static constexpr std::string_view kOutput = "labels";

  static std::string check(const Params& params) { return simulated_observers::check(params); }
  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const File& sheet,
                          const FileList& truth) {
    const auto simulation = simulated_observers::simulate(
        params, context.node, LabelSheet::read(sheet.path), truth.paths);
    for (const auto& observer : simulation.observers)
      write_file(context.out_folder / ("labels_" + observer.name + ".csv"),
                 labels_csv(observer.name, observer.labels));
    const std::string summary = simulated_observers::summary_json(params, simulation);
    write_file(context.out_folder / kSummary, summary);
    return {kSummary, sha256(summary)};
  }
};

}  // namespace

void register_simulated_observers(graph::Registry& registry) { registry.add<SimulatedObservers>(); }

}  // namespace mito::nodes
