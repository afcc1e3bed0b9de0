#pragma once
#include <string>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"

namespace mito::export_overlay {

struct Params {
  int max_px = 2000;

  static void describe(auto& p, auto&& field) {
    field("max_px", p.max_px,
          {.unit = Unit::Pixel, .range = {200, 20000}, .doc = "Longer side of the picture."});
  }
};

/// A picture of the result as JPEG: thumbnail of the slide, outline of the tissue, pen and
/// unscanned areas tinted, a ring around every detection, the hotspot circle where
/// stats::drawn_center() has it, a scale bar; whatever is null is left out. Says so when the mask
/// is doubtful. Throws DataError.
std::string draw_jpeg(const Slide& slide,
                      const DetectionSet* detections,
                      const Hotspot* hotspot,
                      const TissueMask* mask,
                      const Params& params);

}  // namespace mito::export_overlay
