#include <spdlog/spdlog.h>

#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/outcome/evaluate_outcome/evaluate_outcome.h"
#include "nodes/outcome/study/seen_cases.h"
#include "nodes/outcome/study/study_origin.h"

namespace mito::nodes {
namespace {

/// counts of the slides of a study [, the network that detected; the thresholds that were chosen on
/// others, or the file that holds them; the table of all data of the study] ->
/// slide_evaluation.json and the tables behind it.
struct EvaluateOutcome {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_outcome",
      .version = 3,
      .paper = "V",
      .summary = "Compares grades and counts of slides with their references: kappa and Spearman.",
      .inputs = {"counts", "model", "tuning", "tuning_file", "cohort"},
      .output = "evaluation",
      .sink = true};

  struct Acc {
    nn::StudyOrigin origin;
    std::optional<CohortTable> data;
    std::vector<stats::SlideCounts> slides;
  };

  static std::optional<Measured> measures(const Foresight& ahead) {
    return study::measured_study("counts", ahead);
  }
  static Acc begin(const nn::Model* model,
                   const Tuning* tuning,
                   const File* tuning_file,
                   const File* cohort) {
    Acc acc{nn::study_origin(model, tuning, tuning_file), {}, {}};
    if (cohort != nullptr) acc.data = read_cohort_table(cohort->path);
    return acc;
  }
  static void add(Acc& acc, const stats::SlideCounts& slide) {
    refuse_seen(acc.origin.seen, slide.measured());
    stats::add_slide(acc.slides, slide);
  }
  static OutputFiles finish(const evaluate_outcome::Params& params, Acc acc) {
    const evaluate_outcome::Background background{
        acc.origin.model_digest, acc.data ? &*acc.data : nullptr,
        leak_check(acc.origin.seen, stats::measured_images(acc.slides))};
    for (const auto& warning : background.leaks.warnings) spdlog::warn("{}", warning);
    return evaluate_outcome::files(evaluate_outcome::measure(
        nn::for_model(params, acc.origin), std::move(acc.slides), acc.origin.tuned(), background));
  }
};

}  // namespace

void register_evaluate_outcome(graph::Registry& registry) { registry.add<EvaluateOutcome>(); }

}  // namespace mito::nodes
