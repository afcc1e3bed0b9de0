#pragma once
#include <optional>
#include <span>
#include <vector>

#include "engine/stats/matching.h"

namespace mito::stats {

/// A point of the free-response operating characteristic: what is found against what it costs.
struct FrocPoint {
  double threshold = 0;
  std::optional<double> recall;        ///< TP / (TP + FN); empty without a truth.
  std::optional<double> fp_per_image;  ///< Empty without an image.
  std::optional<double> fp_per_mm2;    ///< Empty when the area is not known.
};

/// `events` per `area_mm2`; empty when the area is not known or not positive.
std::optional<double> per_mm2(std::int64_t events, const std::optional<double>& area_mm2);

/// FROC of a curve of counts over `images` images and `area_mm2` mm2 of tissue, in the order of the
/// curve.
std::vector<FrocPoint> froc(std::span<const CurvePoint> curve,
                            std::size_t images,
                            const std::optional<double>& area_mm2);

}  // namespace mito::stats
