#include <algorithm>

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
      .version = 6,
      .paper = "V",
      .summary =
          "Measures the detections of a study: per slide, case, centre, scanner and in total.",
      .inputs = {"slide", "model", "tuning", "tuning_file", "cohort"},
      .output = "evaluation",
      .sink = true};

  struct Acc {
    std::filesystem::path folder;  ///< Of the part, below the output folder.
    nn::StudyOrigin origin;
    evaluate_cohort::Params params;
    evaluate_cohort::Album album;
    std::function<bool()> stop;
    std::optional<CohortTable> data = {};
    std::vector<stats::CohortSlide> cohort = {};
  };

  static std::optional<Measured> measures(const Foresight& ahead) {
    return study::measured_study("slide", ahead);
  }
  /// The page's own text and the curves; the groups of each slide in four files; pictures of
  /// mistakes, which there may be less of.
  static std::optional<graph::Costs> cost(const evaluate_cohort::Params& params,
                                          const Foresight& ahead) {
    const auto slides = ahead.at<Measured>("slide");
    if (slides == nullptr) return std::nullopt;
    constexpr double kText = 0.8e6;
    constexpr double kBytesPerSlide = 15e3;
    constexpr double kBytesPerPicture = 3e3;
    constexpr double kMib = 1 << 20;
    const auto count = static_cast<double>(slides->cases.size());
    const double pictures =
        std::min(count * params.pictures.per_case * kBytesPerPicture, params.pictures.max_mb * 1e6);
    return graph::Costs{{.output_mib = (kText + count * kBytesPerSlide + pictures) / kMib}};
  }
  static Acc begin(const evaluate_cohort::Params& given,
                   const graph::NodeContext& context,
                   std::uint32_t slides,
                   const nn::Model* model,
                   const Tuning* tuning,
                   const File* tuning_file,
                   const File* cohort) {
    const auto origin = nn::study_origin(model, tuning, tuning_file);
    const auto params = nn::for_model(given, origin);
    Acc acc{context.part_folder().lexically_relative(context.out_folder),
            origin,
            params,
            {params.pictures, evaluate_cohort::threshold_of(params, origin.tuned()),
             params.match_um, slides},
            context.stop};
    if (cohort != nullptr) acc.data = read_cohort_table(cohort->path);
    return acc;
  }
  static void add(Acc& acc, const stats::CohortSlide& slide) {
    refuse_seen(acc.origin.seen, slide.measured());
    stats::add_slide(acc.cohort, slide);
    acc.album.add(slide, acc.stop);
  }
  static OutputFiles finish(Acc acc) {
    const evaluate_cohort::Background background{
        acc.origin.model_digest, acc.origin.model_parameters, acc.data ? &*acc.data : nullptr,
        leak_check(acc.origin.seen, stats::measured_images(acc.cohort)), &acc.album};
    for (const auto& warning : background.leaks.warnings) spdlog::warn("{}", warning);
    auto files = evaluate_cohort::files(evaluate_cohort::measure(acc.params, std::move(acc.cohort),
                                                                 acc.origin.tuned(), background));
    for (auto& file : files) file.name = (acc.folder / file.name).lexically_normal().string();
    return files;
  }
};

}  // namespace

void register_evaluate_cohort(graph::Registry& registry) { registry.add<EvaluateCohort>(); }

}  // namespace mito::nodes
