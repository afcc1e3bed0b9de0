#pragma once
#include <vector>

#include "engine/core/payload.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"

namespace mito {

/// The detections of a slide together with the slide, for steps that look at many slides at once. A
/// cheap handle next to the slide; not stored.
struct SlideDetections {
  Slide slide;
  DetectionSet detections;
  std::vector<float> disagreement = {};  ///< In [0, 0.5], one per detection; empty: not asked.
};

template <>
struct Payload<SlideDetections> {
  static constexpr TypeDesc kDesc{"SlideDetections", 1};
};

}  // namespace mito
