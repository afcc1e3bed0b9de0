#include <spdlog/spdlog.h>

#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/types/cohort_table.h"
#include "engine/types/pathology.h"
#include "nodes/outcome/evaluate_cohort/evaluate_cohort.h"
#include "nodes/outcome/study/seen_cases.h"
#include "nodes/outcome/study/study_origin.h"

namespace mito::nodes {
namespace {

/// the slides of a study [, the network that detected; the threshold that was chosen on others, or
/// the file that holds it; the table of all data of the study] -> evaluation.json, evaluation.csv,
/// its cases and details, the curves behind them and evaluation.html, in the folder of the part: a
/// study may measure several groups of slides.
struct EvaluateCohort {
  static constexpr graph::NodeInfo kInfo{
      .type = "evaluate_cohort",
      .version = 5,
      .paper = "V",
      .summary =
          "Measures the detections of a study: per slide, case, centre, scanner and in total.",
      .inputs = {"slide", "model", "tuning", "tuning_file", "cohort"},
      .output = "evaluation",
      .sink = true};

  struct Acc {
    std::filesystem::path folder;  ///< Of the part, below the output folder.
    nn::StudyOrigin origin;
    std::optional<CohortTable> data;
    std::vector<stats::CohortSlide> cohort;
  };

  static std::optional<Measured> measures(const Foresight& ahead) {
    return study::measured_study("slide", ahead);
  }
  static Acc begin(const graph::NodeContext& context,
                   const nn::Model* model,
                   const Tuning* tuning,
                   const File* tuning_file,
                   const File* cohort) {
    Acc acc{context.part_folder().lexically_relative(context.out_folder),
            nn::study_origin(model, tuning, tuning_file),
            {},
            {}};
    if (cohort != nullptr) acc.data = read_cohort_table(cohort->path);
    return acc;
  }
  static void add(Acc& acc, const stats::CohortSlide& slide) {
    refuse_seen(acc.origin.seen, slide.measured());
    stats::add_slide(acc.cohort, slide);
  }
  static OutputFiles finish(const evaluate_cohort::Params& params, Acc acc) {
    const evaluate_cohort::Background background{
        acc.origin.model_digest, acc.origin.model_parameters, acc.data ? &*acc.data : nullptr,
        leak_check(acc.origin.seen, stats::measured_images(acc.cohort))};
    for (const auto& warning : background.leaks.warnings) spdlog::warn("{}", warning);
    auto files = evaluate_cohort::files(evaluate_cohort::measure(
        nn::for_model(params, acc.origin), std::move(acc.cohort), acc.origin.tuned(), background));
    for (auto& file : files) file.name = (acc.folder / file.name).lexically_normal().string();
    return files;
  }
};

}  // namespace

void register_evaluate_cohort(graph::Registry& registry) { registry.add<EvaluateCohort>(); }

}  // namespace mito::nodes
