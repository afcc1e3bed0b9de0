#pragma once
#include <optional>

#include "engine/core/payload.h"
#include "engine/slide/slide.h"
#include "engine/types/restained.h"

namespace mito {

/// Two scans of one section: stained with H&E, then restained for PHH3. A cheap handle.
struct SlidePair {
  Slide he;
  Slide phh3;
};

/// The spots of a PHH3 slide together with the slide, for steps that look at many slides at once.
/// A cheap handle next to the slide; not stored.
struct SlideSpots {
  Slide slide;
  SpotSet spots;
  std::optional<SpotScores> scores;
};

template <>
struct Payload<SlidePair> {
  static constexpr TypeDesc kDesc{"SlidePair", 1};
};
template <>
struct Payload<SlideSpots> {
  static constexpr TypeDesc kDesc{"SlideSpots", 1};
};

}  // namespace mito
