#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/payload.h"
#include "engine/types/geometry.h"

namespace mito {

/// An image (frame or slide) with every mitosis in it marked.
struct AnnotatedImage {
  std::filesystem::path path;
  std::string case_id;           ///< Patient: splits never separate images of one case.
  std::vector<PointL0> mitoses;  ///< In the order of the table.
};

/// What a network is trained on.
struct AnnotatedImages {
  std::vector<AnnotatedImage> images;
  std::optional<double> assume_mpp;  ///< um per level-0 pixel of images that do not say.
  std::string digest;                ///< SHA-256 over names, file contents and points.
};

template <>
struct Payload<AnnotatedImages> {
  static constexpr TypeDesc kDesc{"AnnotatedImages", 1};
};

}  // namespace mito
