#include "tools/bench/drawn_tile.h"

#include "nodes/drawn/synthetic_slide/synthetic_slide.h"

namespace mito::bench {

std::vector<std::uint8_t> drawn_tile(std::int64_t side) {
  const synthetic_slide::SyntheticSlide slide({});
  const auto& params = slide.params();
  return slide.render({(params.width_px - side) / 2, (params.height_px - side) / 2, side, side});
}

}  // namespace mito::bench
