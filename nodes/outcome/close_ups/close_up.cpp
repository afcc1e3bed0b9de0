#include "nodes/outcome/close_ups/close_up.h"

#include <cmath>
#include <cstdint>

#include "engine/report/template.h"
#include "engine/slide/patch_reader.h"

namespace mito::close_ups {
namespace {

constexpr int kQuality = 80;

}  // namespace

std::string jpeg_uri(const image::RgbView& picture, int quality) {
  return report::data_uri("jpeg", image::jpeg_of(picture, quality));
}

CloseUp close_up(const Slide& slide, const PointL0& at, double um) {
  const Grid& grid = slide.analysis_grid();
  const auto px = std::llround(um / grid.mpp);
  const PointL0 centre = grid.from_level0(at);
  const GridPoint pixel{static_cast<std::int32_t>(std::lround(centre.x)),
                        static_cast<std::int32_t>(std::lround(centre.y))};
  return {static_cast<double>(px) * grid.mpp,
          jpeg_uri(image::view_of(cut_patch(slide, pixel, px), px, px), kQuality)};
}

}  // namespace mito::close_ups
