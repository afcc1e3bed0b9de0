#include "nodes/exchange/export_mask/export_mask.h"

#include <vector>

#include <opencv2/imgcodecs.hpp>

#include "engine/core/error.h"

namespace mito::export_mask {

std::string to_png(const TissueMask& mask) {
  cv::Mat picture(static_cast<int>(mask.grid.height), static_cast<int>(mask.grid.width), CV_8UC1);
  std::size_t next = 0;
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      picture.at<std::uint8_t>(y, x) = mask.tissue[next++] != 0 ? 255 : 0;
  std::vector<std::uint8_t> png;
  if (!cv::imencode(".png", picture, png)) throw DataError("the mask cannot be written as PNG");
  return {png.begin(), png.end()};
}

}  // namespace mito::export_mask
