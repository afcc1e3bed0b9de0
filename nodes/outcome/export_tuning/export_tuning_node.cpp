#include "engine/graph/node.h"
#include "engine/stats/tuning_file.h"
#include "engine/types/pathology.h"

namespace mito::nodes {
namespace {

/// chosen thresholds -> tuning.json, tuning_delta.csv [and tuning_grades.csv].
struct ExportTuning {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_tuning",
      .version = 3,
      .paper = "V",
      .summary = "Writes chosen thresholds, the cases they were chosen on, and the whole curves.",
      .inputs = {"tuning"},
      .sink = true};

  static OutputFiles run(const Tuning& tuning) {
    OutputFiles files{{"tuning_delta.csv", tuning.delta_curve.to_csv()}};
    if (tuning.has_grades) files.push_back({"tuning_grades.csv", tuning.grade_curve.to_csv()});
    files.push_back({"tuning.json", stats::tuning_json(tuning)});
    return files;
  }
};

}  // namespace

void register_export_tuning(graph::Registry& registry) { registry.add<ExportTuning>(); }

}  // namespace mito::nodes
