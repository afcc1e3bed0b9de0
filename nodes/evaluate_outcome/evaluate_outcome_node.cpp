#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/stats/tuning_file.h"
#include "engine/types/inputs.h"
#include "engine/types/pathology.h"
#include "nodes/evaluate_outcome/evaluate_outcome.h"

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
    std::string model_digest;
    std::vector<std::string> model_tuning_cases;
    std::optional<Tuning> tuning;
    std::vector<stats::SlideCounts> slides;

    const Tuning* tuned() const { return tuning ? &*tuning : nullptr; }
  };

  static std::string check(const Params& params) { return evaluate_outcome::check(params); }
  static Acc begin(const Params& params,
                   const graph::NodeContext& context,
                   std::uint32_t /*size*/,
                   const nn::Model* model,
                   const Tuning* tuning,
                   const File* tuning_file) {
    if (tuning != nullptr && tuning_file != nullptr)
      throw DataError("the tuning is given twice: connect either 'tuning' or 'tuning_file'");
    Acc acc{params, context.out_folder, {}, {}, {}, {}};
    if (model != nullptr) {
      acc.model_digest = model->digest();
      acc.model_tuning_cases = model->info().tuning_cases;
    }
    if (tuning != nullptr) acc.tuning = *tuning;
    if (tuning_file != nullptr) acc.tuning = stats::read_tuning(tuning_file->path);
    return acc;
  }
  static void add(Acc& acc, std::uint32_t /*index*/, const stats::SlideCounts& slide) {
    stats::refuse_tuned_case(slide.case_id, acc.tuned(), acc.model_tuning_cases);
    stats::add_slide(acc.slides, slide);
  }
  static FileArtifact finish(Acc acc) {
    const auto report =
        evaluate_outcome::measure(acc.params, std::move(acc.slides), acc.tuned(), acc.model_digest);
    evaluate_outcome::write(report, acc.folder);
    return {evaluate_outcome::kReportFile, sha256(report.json)};
  }
};

}  // namespace

void register_evaluate_outcome(graph::Registry& registry) { registry.add<EvaluateOutcome>(); }

}  // namespace mito::nodes
