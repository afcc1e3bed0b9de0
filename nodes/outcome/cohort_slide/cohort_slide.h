#pragma once
#include <functional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/stats/cohort.h"
#include "engine/types/annotations.h"
#include "engine/types/cohort_table.h"
#include "engine/types/pathology.h"

namespace mito::cohort_slide {

struct Params {
  std::string case_pattern;

  static void describe(auto& p, auto&& field) {
    field("case_pattern", p.case_pattern,
          {.doc = "Where neither annotations nor the table of the study state the case: a regular "
                  "expression whose one group finds it in the slide's name; without it the case is "
                  "the name of the slide."});
  }
};

/// Puts the detections of a slide beside its marked mitoses, in um, with the case, centre and
/// scanner it belongs to (method 10.1). Marked objects of other classes are counted and left out.
/// `mask` and `cohort` may be null. Throws DataError when the table of the study has no row for the
/// slide, or names another case than the annotations.
stats::CohortSlide beside(const Params& params,
                          const SlideInfo& slide,
                          const DetectionSet& detections,
                          const ImageAnnotations& annotations,
                          const TissueMask* mask,
                          const CohortTable* cohort);

/// Looks at places of the slide, as CohortSlide::picture does; keeps its handle.
std::function<stats::PlacePicture(double x_um, double y_um, double um)> pictures_of(
    const Slide& slide);

}  // namespace mito::cohort_slide
