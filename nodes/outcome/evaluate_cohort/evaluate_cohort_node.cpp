#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/outcome/evaluate_cohort/evaluate_cohort.h"
#include "nodes/outcome/study/study_origin.h"

namespace mito::nodes {
namespace {

/// the slides of a study [, the network that detected; the threshold that was chosen on others, or
/// the file that holds it] -> evaluation.json, evaluation.csv, the curves behind them and
/// evaluation.html, in the folder of the part: a study may measure several groups of slides.
struct EvaluateCohort {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_cohort",
      .version = 2,
      .paper = "V",
      .summary = "Measures the detections of a study: per slide, centre, scanner and in total.",
      .sink = true};
  using Params = evaluate_cohort::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"slide", "model", "tuning",
                                                           "tuning_file"};
  static constexpr std::string_view kOutput = "evaluation";

  struct Acc {
    Params params;
    std::filesystem::path folder;
    std::string report_file;  ///< In the output folder.
    nn::StudyOrigin origin;
    std::vector<stats::CohortSlide> cohort;
  };

  static Acc begin(const Params& params,
                   const graph::NodeContext& context,
                   std::uint32_t /*size*/,
                   const nn::Model* model,
                   const Tuning* tuning,
                   const File* tuning_file) {
    const auto folder = context.part_folder();
    auto report =
        (folder / evaluate_cohort::kReportFile).lexically_relative(context.out_folder).string();
    auto origin = nn::study_origin(model, tuning, tuning_file);
    const auto own = origin.model_threshold
                         ? evaluate_cohort::for_model(params, *origin.model_threshold,
                                                      origin.model_threshold_source)
                         : params;
    return {own, folder, std::move(report), std::move(origin), {}};
  }
  static void add(Acc& acc, std::uint32_t /*index*/, const stats::CohortSlide& slide) {
    acc.origin.refuse_tuned_case(slide.case_id);
    stats::add_slide(acc.cohort, slide);
  }
  static FileArtifact finish(Acc acc) {
    const auto report = evaluate_cohort::measure(acc.params, std::move(acc.cohort),
                                                 acc.origin.tuned(), acc.origin.model_digest);
    evaluate_cohort::write(report, acc.folder);
    return {acc.report_file, sha256(report.json)};
  }
};

}  // namespace

void register_evaluate_cohort(graph::Registry& registry) { registry.add<EvaluateCohort>(); }

}  // namespace mito::nodes
