#include "engine/image/codecs_library.h"

#include <opencv2/imgcodecs.hpp>

extern "C" {

extern const mito::image::CodecsLibrary mito_codecs;

const mito::image::CodecsLibrary mito_codecs{
    [](const char* format,
       const cv::Mat& picture,
       std::vector<std::uint8_t>& out,
       const std::vector<int>& options) { return cv::imencode(format, picture, out, options); },
    [](const cv::Mat& bytes, int flags) { return cv::imdecode(bytes, flags); }};

int mito_codecs_version() { return mito::image::kCodecsVersion; }
}
