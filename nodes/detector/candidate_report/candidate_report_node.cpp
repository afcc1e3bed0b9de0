#include "engine/core/digest.h"
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
      .sink = true};
  static constexpr std::array<std::string_view, 1> kInputs{"labelled"};
  static constexpr std::string_view kOutput = "report";

  struct Acc {
    std::filesystem::path folder;
    std::vector<candidate_report::Row> rows;
  };

  static Acc begin(const NoParams&, const graph::NodeContext& context, std::uint32_t /*size*/) {
    return {context.out_folder, {}};
  }
  static void add(Acc& acc, std::uint32_t /*index*/, const LabelledCandidates& slide) {
    acc.rows.push_back({slide.slide, slide.case_id, slide.recall});
  }
  static FileArtifact finish(Acc acc) {
    candidate_report::write(acc.rows, acc.folder);
    return {candidate_report::kReportFile, sha256_file(acc.folder / candidate_report::kReportFile)};
  }
};

}  // namespace

void register_candidate_report(graph::Registry& registry) { registry.add<CandidateReport>(); }

}  // namespace mito::nodes
