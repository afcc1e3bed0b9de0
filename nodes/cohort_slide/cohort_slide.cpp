#include "nodes/cohort_slide/cohort_slide.h"

#include "engine/core/error.h"
#include "engine/types/cases.h"

namespace mito::cohort_slide {
namespace {

/// Positions in um, so that the radius means the same on both axes.
stats::Image in_microns(const DetectionSet& detections,
                        const ImageAnnotations& annotations,
                        std::int64_t& other_labels) {
  const double um_x = detections.grid.mpp / detections.grid.scale_x;
  const double um_y = detections.grid.mpp / detections.grid.scale_y;
  stats::Image image;
  for (const auto& item : annotations.items) {
    if (item.label == kMitosisLabel) {
      image.truths.push_back({item.center.x * um_x, item.center.y * um_y});
    } else {
      ++other_labels;
    }
  }
  for (const auto& detection : detections.items)
    image.claims.push_back({detection.center.x * um_x, detection.center.y * um_y, detection.score});
  return image;
}

}  // namespace

stats::CohortSlide beside(const Params& params,
                          const SlideInfo& slide,
                          const DetectionSet& detections,
                          const ImageAnnotations& annotations,
                          const TissueMask* mask,
                          const CohortTable* cohort) {
  stats::CohortSlide out;
  out.name = slide.name;
  out.identity = slide.identity;
  std::string stated = annotations.case_id;
  if (cohort != nullptr) {
    const auto& row = cohort->row_of(slide.path, case_of(slide.name, stated, params.case_pattern));
    if (!stated.empty() && !row.case_id.empty() && row.case_id != stated)
      throw DataError("slide '" + slide.name + "' is of case '" + stated +
                      "' in its annotations and of case '" + row.case_id + "' in " + cohort->file);
    if (stated.empty()) stated = row.case_id;
    out.centre = row.centre;
    out.scanner = row.scanner;
  }
  out.case_id = case_of(slide.name, stated, params.case_pattern);
  out.image = in_microns(detections, annotations, out.other_labels);
  out.lowest_score = detections.min_probability;
  if (mask != nullptr) out.tissue_mm2 = mask->area_mm2;
  return out;
}

}  // namespace mito::cohort_slide
