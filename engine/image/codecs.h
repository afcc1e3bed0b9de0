#pragma once
#include <optional>
#include <span>
#include <string>

#include <opencv2/core/mat.hpp>

/// PNG, JPEG and whatever else OpenCV's codecs read. They need 69 shared libraries that nothing
/// else here does, GDAL among them, which took two thirds of the time that a process took to start:
/// so they are in a library of their own, mito_codecs.so, which is opened for the first picture.
/// The environment variable MITO_CODECS_LIBRARY names another. All of these throw DataError when it
/// cannot be opened.
namespace mito::image {

/// BGR, BGRA or grey pixels as PNG; `compression` is zlib's 0 to 9, or what is quick. `what` is for
/// the message. Throws DataError.
std::string png_of(const cv::Mat& picture,
                   const std::string& what,
                   std::optional<int> compression = {});

/// BGR or grey pixels as JPEG, colour at half resolution, `quality` 1 to 100. Throws DataError.
std::string jpeg_of(const cv::Mat& picture, const std::string& what, int quality);

/// The pixels of a file as BGR, 8 bits, turned as it says; empty where it is no picture. Throws
/// cv::Exception when it asks for too much.
cv::Mat read_bgr(std::span<const char> file);

/// The same with the channels and bits of the file, not turned.
cv::Mat read_unchanged(std::span<const char> file);

}  // namespace mito::image
