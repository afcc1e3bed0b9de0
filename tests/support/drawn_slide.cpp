#include "tests/support/drawn_slide.h"

namespace mito::test {

synthetic_slide::Params small_slide() {
  synthetic_slide::Params params;
  params.name = "drawn";
  params.width_px = 600;
  params.height_px = 500;
  params.mitoses = 0;
  params.lookalikes = 0;
  params.jpeg_quality = 0;
  return params;
}

std::filesystem::path draw_slide(const std::filesystem::path& folder,
                                 const synthetic_slide::Params& params) {
  const auto file = folder / (params.name + (params.format == "aperio" ? ".svs" : ".tif"));
  synthetic_slide::write_slide(synthetic_slide::SyntheticSlide(params), file);
  return file;
}

}  // namespace mito::test
