#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/outcome/evaluate_cohort/evaluate_cohort.h"
#include "nodes/outcome/study/seen_cases.h"
#include "nodes/outcome/study/study_origin.h"

namespace mito::nodes {
namespace {

/// the slides of a study [, the network that detected; the threshold that was chosen on others, or
/// the file that holds it] -> evaluation.json, evaluation.csv, its cases and details, curves and
/// evaluation.html, in the folder of the part: a study may measure several groups of slides.
struct EvaluateCohort {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_cohort",
      .version = 3,
      .paper = "V",
      .summary =
          "Measures the detections of a study: per slide, case, centre, scanner and in total.",
      .inputs = {"slide", "model", "tuning", "tuning_file"},
      .output = "evaluation",
      .sink = true};

  struct Acc {
    std::filesystem::path folder;  ///< Of the part, below the output folder.
    nn::StudyOrigin origin;
    std::vector<stats::CohortSlide> cohort;
  };

  static std::optional<Measured> measures(const Foresight& ahead) {
    return study::measured_study("slide", ahead);
  }
  static Acc begin(const graph::NodeContext& context,
                   const nn::Model* model,
                   const Tuning* tuning,
                   const File* tuning_file) {
    return {context.part_folder().lexically_relative(context.out_folder),
            nn::study_origin(model, tuning, tuning_file),
            {}};
  }
  static void add(Acc& acc, const stats::CohortSlide& slide) {
    acc.origin.refuse_tuned_case(slide.case_id);
    stats::add_slide(acc.cohort, slide);
  }
  static OutputFiles finish(const evaluate_cohort::Params& params, Acc acc) {
    auto files = evaluate_cohort::files(
        evaluate_cohort::measure(nn::for_model(params, acc.origin), std::move(acc.cohort),
                                 acc.origin.tuned(), acc.origin.model_digest));
    for (auto& file : files) file.name = (acc.folder / file.name).lexically_normal().string();
    return files;
  }
};

}  // namespace

void register_evaluate_cohort(graph::Registry& registry) { registry.add<EvaluateCohort>(); }

}  // namespace mito::nodes
