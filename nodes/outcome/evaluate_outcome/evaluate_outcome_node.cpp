#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/outcome/evaluate_outcome/evaluate_outcome.h"
#include "nodes/outcome/study/study_origin.h"

namespace mito::nodes {
namespace {

/// counts of the slides of a study [, the network that detected; the thresholds that were chosen on
/// others, or the file that holds them] -> slide_evaluation.json and the tables behind it.
struct EvaluateOutcome {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_outcome",
      .version = 1,
      .paper = "V",
      .summary = "Compares grades and counts of slides with their references: kappa and Spearman.",
      .sink = true};
  using Params = evaluate_outcome::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"counts", "model", "tuning",
                                                           "tuning_file"};
  static constexpr std::string_view kOutput = "evaluation";

  struct Acc {
    Params params;
    std::filesystem::path folder;
    nn::StudyOrigin origin;
    std::vector<stats::SlideCounts> slides;
  };

  static std::string check(const Params& params) { return evaluate_outcome::check(params); }
  static Acc begin(const Params& params,
                   const graph::NodeContext& context,
                   std::uint32_t /*size*/,
                   const nn::Model* model,
                   const Tuning* tuning,
                   const File* tuning_file) {
    auto origin = nn::study_origin(model, tuning, tuning_file);
    const auto own = origin.model_threshold
                         ? evaluate_outcome::for_model(params, *origin.model_threshold,
                                                       origin.model_threshold_source)
                         : params;
    return {own, context.out_folder, std::move(origin), {}};
  }
  static void add(Acc& acc, std::uint32_t /*index*/, const stats::SlideCounts& slide) {
    acc.origin.refuse_tuned_case(slide.case_id);
    stats::add_slide(acc.slides, slide);
  }
  static FileArtifact finish(Acc acc) {
    const auto report = evaluate_outcome::measure(acc.params, std::move(acc.slides),
                                                  acc.origin.tuned(), acc.origin.model_digest);
    evaluate_outcome::write(report, acc.folder);
    return {evaluate_outcome::kReportFile, sha256(report.json)};
  }
};

}  // namespace

void register_evaluate_outcome(graph::Registry& registry) { registry.add<EvaluateOutcome>(); }

}  // namespace mito::nodes
