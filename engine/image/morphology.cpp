#include "engine/image/morphology.h"

#include <cmath>
#include <stdexcept>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text_file.h"
#include "engine/image/codecs.h"

namespace mito::image {
namespace {

cv::Mat view(const Gray& image) {
  if (image.pixels.size() != static_cast<std::size_t>(image.width * image.height))
    throw std::invalid_argument("the image does not have width * height pixels");
  // OpenCV has no const matrix; the results below are written to other buffers.
  return {static_cast<int>(image.height), static_cast<int>(image.width), CV_8UC1,
          const_cast<std::uint8_t*>(
              image.pixels.data())};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

Gray blank_like(const Gray& image) {
  return {image.width, image.height, std::vector<std::uint8_t>(image.pixels.size())};
}

cv::Mat disc(double radius_px) {
  const int reach = static_cast<int>(std::floor(radius_px));
  cv::Mat kernel = cv::Mat::zeros(2 * reach + 1, 2 * reach + 1, CV_8UC1);
  for (int dy = -reach; dy <= reach; ++dy) {
    for (int dx = -reach; dx <= reach; ++dx) {
      if (dx * dx + dy * dy <= radius_px * radius_px)
        kernel.at<std::uint8_t>(dy + reach, dx + reach) = 1;
    }
  }
  return kernel;
}

Gray morphology(const Gray& image, int operation, double radius_px) {
  if (image.pixels.empty() || radius_px < 1) return image;
  Gray out = blank_like(image);
  cv::Mat target = view(out);
  cv::morphologyEx(view(image), target, operation, disc(radius_px));
  return out;
}

}  // namespace

Gray median3(const Gray& image) {
  if (image.pixels.empty()) return image;
  Gray out = blank_like(image);
  cv::Mat target = view(out);
  cv::medianBlur(view(image), target, 3);
  return out;
}

Gray close_disc(const Gray& image, double radius_px) {
  return morphology(image, cv::MORPH_CLOSE, radius_px);
}

Gray open_disc(const Gray& image, double radius_px) {
  return morphology(image, cv::MORPH_OPEN, radius_px);
}

Gray dilate_square(const Gray& image) {
  if (image.pixels.empty()) return image;
  Gray out = blank_like(image);
  cv::Mat target = view(out);
  cv::dilate(view(image), target, cv::Mat::ones(3, 3, CV_8UC1));
  return out;
}

Gray read_mask(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file))
    throw DataError(fmt::format("{}: no such mask file", file.string()));
  cv::Mat read;
  try {
    read = read_unchanged(read_unpacked(file, "the picture of a mask"));
  } catch (const cv::Exception& error) {
    throw DataError(fmt::format("{}: cannot read the mask: {}", file.string(), error.what()));
  }
  if (read.empty())
    throw DataError(fmt::format("{}: not an image that can be read as a mask", file.string()));
  if (read.channels() != 1) {
    throw DataError(fmt::format("{}: a mask needs one channel, this image has {}", file.string(),
                                read.channels()));
  }
  const cv::Mat nonzero = read != 0;
  Gray out{nonzero.cols, nonzero.rows, {}};
  out.pixels.reserve(nonzero.total());
  for (int y = 0; y < nonzero.rows; ++y) {
    const auto* row = nonzero.ptr<std::uint8_t>(y);
    for (int x = 0; x < nonzero.cols; ++x) out.pixels.push_back(row[x] != 0 ? 1 : 0);
  }
  return out;
}

}  // namespace mito::image
