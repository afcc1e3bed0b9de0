#pragma once
#include <cstdint>
#include <vector>

#include <opencv2/core/mat.hpp>

namespace mito::image {

/// What mito_codecs.so gives, as the extern "C" constant `mito_codecs`: cv::imencode and
/// cv::imdecode.
struct CodecsLibrary {
  bool (*encode)(const char* format,
                 const cv::Mat& picture,
                 std::vector<std::uint8_t>& out,
                 const std::vector<int>& options);
  cv::Mat (*decode)(const cv::Mat& bytes, int flags);
};

/// Of this structure; mito_codecs_version() says it.
inline constexpr int kCodecsVersion = 1;

}  // namespace mito::image
