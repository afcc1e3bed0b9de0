#include "engine/image/codecs.h"

#include <cstdint>
#include <limits>
#include <vector>

#include <opencv2/imgcodecs.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/companion.h"
#include "engine/core/error.h"
#include "engine/image/codecs_library.h"
#include "engine/image/encode.h"

namespace mito::image {
namespace {

const CodecsLibrary& codecs() {
  static const auto kOnce = open_companion({.variable = "MITO_CODECS_LIBRARY",
                                            .name = "mito_codecs.so",
                                            .build_folder = MITO_IMAGE_BUILD_FOLDER,
                                            .version_symbol = "mito_codecs_version",
                                            .version = kCodecsVersion,
                                            .entry_symbol = "mito_codecs"});
  if (kOnce.entry != nullptr) return *static_cast<const CodecsLibrary*>(kOnce.entry);
  throw DataError(
      fmt::format("pictures are read and written by the library mito_codecs.so, which cannot "
                  "be used; tried:{}\nIt is built and installed with mitoloom, or set "
                  "MITO_CODECS_LIBRARY to it.",
                  kOnce.tried));
}

std::string encoded(const cv::Mat& picture,
                    const char* format,
                    const std::string& what,
                    const std::vector<int>& options) {
  std::vector<std::uint8_t> bytes;
  if (!codecs().encode(format, picture, bytes, options))
    throw DataError(fmt::format("{} of {} x {} px cannot be encoded as {}", what, picture.cols,
                                picture.rows, format));
  return {bytes.begin(), bytes.end()};
}

cv::Mat decoded(std::span<const char> file, int flags) {
  if (file.empty() || file.size() > std::numeric_limits<int>::max()) return {};
  // OpenCV has no view of constant bytes; these are only read.
  const cv::Mat bytes(1, static_cast<int>(file.size()), CV_8UC1, const_cast<char*>(file.data()));
  return codecs().decode(bytes, flags);
}

}  // namespace

std::string png_of(const cv::Mat& picture,
                   const std::string& what,
                   std::optional<int> compression) {
  std::vector<int> options;
  if (compression) options = {cv::IMWRITE_PNG_COMPRESSION, *compression};
  return encoded(picture, ".png", what, options);
}

std::string jpeg_of(const cv::Mat& picture, const std::string& what, int quality) {
  return encoded(picture, ".jpg", what, {cv::IMWRITE_JPEG_QUALITY, quality});
}

cv::Mat read_bgr(std::span<const char> file) { return decoded(file, cv::IMREAD_COLOR); }

cv::Mat read_unchanged(std::span<const char> file) { return decoded(file, cv::IMREAD_UNCHANGED); }

void require_codecs() { codecs(); }

}  // namespace mito::image
