#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/stats/tuning_file.h"
#include "engine/types/pathology.h"

namespace mito::nodes {
namespace {

/// chosen thresholds -> tuning.json, tuning_delta.csv [and tuning_grades.csv].
struct ExportTuning {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_tuning",
      .version = 1,
      .paper = "V",
      .summary = "Writes chosen thresholds, the cases they were chosen on, and the whole curves.",
      .sink = true};
  static constexpr std::array<std::string_view, 1> kInputs{"tuning"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const NoParams& /*params*/,
                          const graph::NodeContext& context,
                          const Tuning& tuning) {
    const auto json = stats::tuning_json(tuning);
    write_file(context.out_folder / "tuning_delta.csv", tuning.delta_curve.to_csv());
    if (tuning.has_grades)
      write_file(context.out_folder / "tuning_grades.csv", tuning.grade_curve.to_csv());
    write_file(context.out_folder / "tuning.json", json);
    return {"tuning.json", sha256(json)};
  }
};

}  // namespace

void register_export_tuning(graph::Registry& registry) { registry.add<ExportTuning>(); }

}  // namespace mito::nodes
