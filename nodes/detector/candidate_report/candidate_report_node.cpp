#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/detector/candidate_report/candidate_report.h"

namespace mito::nodes {
namespace {

/// labelled candidates of all slides -> candidates.csv and candidates.json.
struct CandidateReport {
  static constexpr graph::NodeInfo kInfo{
      .type = "candidate_report",
      .version = 1,
      .paper = "IV-A",
      .summary = "Reports how many reference mitoses the candidates of each slide cover.",
      .inputs = {"labelled"},
      .output = "report",
      .sink = true};

  static void add(std::vector<candidate_report::Row>& rows, const LabelledCandidates& slide) {
    rows.push_back({slide.slide, slide.case_id, slide.recall});
  }
  static OutputFiles finish(std::vector<candidate_report::Row> rows) {
    return {{candidate_report::kTableFile, candidate_report::to_csv(rows)},
            {candidate_report::kReportFile, candidate_report::to_json(rows)}};
  }
};

}  // namespace

void register_candidate_report(graph::Registry& registry) { registry.add<CandidateReport>(); }

}  // namespace mito::nodes
