#include "nodes/outcome/cohort_slide/cohort_slide.h"

#include "nodes/outcome/close_ups/close_up.h"

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
  static_cast<stats::CohortMember&>(out) =
      stats::member_of(params.case_pattern, slide.name, slide.path, annotations.case_id, cohort);
  out.identity = slide.identity;
  out.bytes = file_bytes(slide.path);
  out.image = in_microns(detections, annotations, out.other_labels);
  out.lowest_score = detections.min_probability;
  if (mask != nullptr) out.tissue_mm2 = mask->area_mm2;
  return out;
}

std::function<stats::PlacePicture(double, double, double)> pictures_of(const Slide& slide) {
  return [slide](double x_um, double y_um, double um) {
    const Grid& grid = slide.analysis_grid();
    const PointL0 at{x_um * grid.scale_x / grid.mpp, y_um * grid.scale_y / grid.mpp};
    return stats::PlacePicture{close_ups::close_up(slide, at, um).uri, at};
  };
}

}  // namespace mito::cohort_slide
