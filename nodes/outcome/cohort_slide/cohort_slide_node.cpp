#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/types/cases.h"
#include "nodes/outcome/cohort_slide/cohort_slide.h"

namespace mito::nodes {
namespace {

/// detections, slide, what is marked in it [, tissue, table of the study, the network that
/// detected, to refuse cases it was trained on] -> detections beside the truth.
struct CohortSlideNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "cohort_slide",
      .version = 1,
      .paper = "V",
      .summary = "Puts the detections of a slide beside its true mitoses, for a whole study."};
  using Params = cohort_slide::Params;
  static constexpr std::array<std::string_view, 6> kInputs{"detections", "slide",  "annotations",
                                                           "mask",       "cohort", "model"};
  static constexpr std::string_view kOutput = "slide";

  static std::string check(const Params& params) { return check_case_pattern(params.case_pattern); }
  static stats::CohortSlide run(const Params& params,
                                const DetectionSet& detections,
                                const Slide& slide,
                                const ImageAnnotations& annotations,
                                const TissueMask* mask,
                                const File* cohort,
                                const nn::Model* model) {
    std::optional<CohortTable> table;
    if (cohort != nullptr) table = read_cohort_table(cohort->path);
    auto out = cohort_slide::beside(params, slide.info(), detections, annotations, mask,
                                    table ? &*table : nullptr);
    if (model != nullptr) {
      const std::vector<std::string> measured{out.case_id};
      refuse_shared_cases({"training", model->info().training_cases}, {"evaluation", measured});
    }
    return out;
  }
};

}  // namespace

void register_cohort_slide(graph::Registry& registry) { registry.add<CohortSlideNode>(); }

}  // namespace mito::nodes
