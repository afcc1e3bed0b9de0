#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/exchange/export_tupac/export_tupac.h"

namespace mito::nodes {
namespace {

/// grades of all slides, in the order in which the slides were given -> one line per case.
struct ExportTupacOutcome {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_tupac_outcome",
      .version = 1,
      .paper = "V",
      .summary = "Writes grades and counts of slides as tasks 1 and 2 of TUPAC16 want them.",
      .sink = true};
  using Params = export_tupac::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"grade"};
  static constexpr std::string_view kOutput = "file";

  struct Acc {
    Params params;
    std::filesystem::path folder;
    std::uint32_t size = 0;
    std::vector<Grade> grades;
  };

  static Acc begin(const Params& params, const graph::NodeContext& context, std::uint32_t size) {
    return {params, context.out_folder, size, {}};
  }
  static void add(Acc& acc, std::uint32_t index, const Grade& grade) {
    // Lines are told apart by their number alone: a gap would give cases the grade of others.
    require(acc, index);
    acc.grades.push_back(grade);
  }
  static FileArtifact finish(Acc acc) {
    require(acc, acc.size);
    const auto text = export_tupac::outcome_csv(acc.params, acc.grades);
    write_file(acc.folder / export_tupac::kOutcomeFile, text);
    return {export_tupac::kOutcomeFile, sha256(text)};
  }

  static void require(const Acc& acc, std::uint32_t graded) {
    if (acc.grades.size() != graded)
      throw DataError("slide " + std::to_string(acc.grades.size() + 1) + " of " +
                      std::to_string(acc.size) +
                      " has no grade; the file needs one of every slide");
  }
};

/// detections, their slide -> SLIDE.csv in the output folder.
struct ExportTupacDetections {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_tupac_detections",
      .version = 1,
      .paper = "V",
      .summary = "Writes the detections of a slide as task 3 of TUPAC16 wants them.",
      .sink = true};
  static constexpr std::array<std::string_view, 2> kInputs{"detections", "slide"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const NoParams& /*params*/,
                          const graph::NodeContext& context,
                          const DetectionSet& detections,
                          const Slide& slide) {
    const std::string name = slide.info().name + ".csv";
    const auto text = export_tupac::detections_csv(detections);
    write_file(context.out_folder / name, text);
    return {name, sha256(text)};
  }
};

}  // namespace

void register_export_tupac(graph::Registry& registry) {
  registry.add<ExportTupacOutcome>();
  registry.add<ExportTupacDetections>();
}

}  // namespace mito::nodes
