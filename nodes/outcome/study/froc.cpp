#include "nodes/outcome/study/froc.h"

namespace mito::stats {

std::optional<double> per_mm2(std::int64_t events, const std::optional<double>& area_mm2) {
  if (!area_mm2 || !(*area_mm2 > 0)) return std::nullopt;
  return static_cast<double>(events) / *area_mm2;
}

std::vector<FrocPoint> froc(std::span<const CurvePoint> curve,
                            std::size_t images,
                            const std::optional<double>& area_mm2) {
  std::vector<FrocPoint> out;
  for (const auto& point : curve) {
    FrocPoint at{point.threshold, point.counts.recall(), std::nullopt,
                 per_mm2(point.counts.fp, area_mm2)};
    if (images > 0)
      at.fp_per_image = static_cast<double>(point.counts.fp) / static_cast<double>(images);
    out.push_back(at);
  }
  return out;
}

}  // namespace mito::stats
