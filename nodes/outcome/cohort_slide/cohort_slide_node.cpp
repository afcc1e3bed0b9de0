#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "engine/types/cases.h"
#include "engine/types/seen_images.h"
#include "nodes/outcome/cohort_slide/cohort_slide.h"
#include "nodes/outcome/study/seen_cases.h"

namespace mito::nodes {
namespace {

/// detections, slide, what is marked in it [, tissue, table of the study, the network that
/// detected, to refuse cases it was trained on] -> detections beside the truth.
struct CohortSlideNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "cohort_slide",
      .version = 1,
      .paper = "V",
      .summary = "Puts the detections of a slide beside its true mitoses, for a whole study.",
      .inputs = {"detections", "slide", "annotations", "mask", "cohort", "model"},
      .output = "slide"};

  static std::string check(const cohort_slide::Params& params) {
    return check_case_pattern(params.case_pattern);
  }
  static std::optional<Measured> measures(const cohort_slide::Params& params,
                                          const Foresight& ahead) {
    return study::measured_slides(params.case_pattern, ahead);
  }
  static stats::CohortSlide run(const cohort_slide::Params& params,
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
    out.picture = cohort_slide::pictures_of(slide);
    if (model != nullptr) refuse_seen({nn::seen_in_training(model->info())}, out.measured());
    return out;
  }
};

}  // namespace

void register_cohort_slide(graph::Registry& registry) { registry.add<CohortSlideNode>(); }

}  // namespace mito::nodes
