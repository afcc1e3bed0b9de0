#include "nodes/exchange/export_mask/export_mask.h"

#include <vector>

#include "engine/image/codecs.h"

namespace mito::export_mask {

std::string to_png(const TissueMask& mask) {
  cv::Mat picture(static_cast<int>(mask.grid.height), static_cast<int>(mask.grid.width), CV_8UC1);
  std::size_t next = 0;
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      picture.at<std::uint8_t>(y, x) = mask.tissue[next++] != 0 ? 255 : 0;
  return image::png_of(picture, "the mask");
}

}  // namespace mito::export_mask
