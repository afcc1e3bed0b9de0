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
      .inputs = {"grade"},
      .sink = true};

  struct Acc {
    std::uint32_t size = 0;
    std::vector<Grade> grades;
  };

  static Acc begin(std::uint32_t size) { return {size, {}}; }
  static void add(Acc& acc, std::uint32_t index, const Grade& grade) {
    // Lines are told apart by their number alone: a gap would give cases the grade of others.
    require(acc, index);
    acc.grades.push_back(grade);
  }
  static OutputFile finish(const export_tupac::Params& params, Acc acc) {
    require(acc, acc.size);
    return {export_tupac::kOutcomeFile, export_tupac::outcome_csv(params, acc.grades)};
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
      .inputs = {"detections", "slide"},
      .sink = true};

  static OutputFile run(const DetectionSet& detections, const Slide& slide) {
    const std::string name = slide.info().name + ".csv";
    return {name, export_tupac::detections_csv(detections)};
  }
};

}  // namespace

void register_export_tupac(graph::Registry& registry) {
  registry.add<ExportTupacOutcome>();
  registry.add<ExportTupacDetections>();
}

}  // namespace mito::nodes
