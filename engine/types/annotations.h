#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/described.h"
#include "engine/types/geometry.h"

namespace mito {

/// A marked object of an image, whatever file it was read from (method 1).
struct Annotation {
  PointL0 center;
  std::string label = "mitosis";     ///< "mitosis", "hard_negative", or what the file calls it.
  std::optional<double> score = {};  ///< Of detections.
  std::string id = {};               ///< Of the file; may be empty.
  /// Does `center` count from the corner of the scanned part of the slide (SlideInfo::bounds), as
  /// QuPath counts? slide_annotations, which knows the slide, turns it into level-0 pixels.
  bool from_bounds = false;
  bool operator==(const Annotation&) const = default;
};

/// The labels every reader maps its own classes to.
inline constexpr std::string_view kMitosisLabel = "mitosis";
inline constexpr std::string_view kHardNegativeLabel = "hard_negative";

/// What is marked in one image.
struct ImageAnnotations {
  /// File name of the image without its extension, after the folders that belong to its name
  /// ("04/01" in the layout of TUPAC16).
  std::string name;
  std::string case_id;            ///< Patient; empty when the file does not say.
  std::vector<Annotation> items;  ///< In the order of the file.
  bool operator==(const ImageAnnotations&) const = default;
};

/// What is marked in all images, read from files of any format. An image that is listed without
/// objects is known to hold none; one that is not listed is unknown.
struct AnnotationTable {
  std::vector<ImageAnnotations> images;  ///< Sorted by name, each name once.
  bool operator==(const AnnotationTable&) const = default;

  /// Null when the image is not listed.
  const ImageAnnotations* find(std::string_view name) const;
};

template <>
struct Payload<ImageAnnotations> {
  static constexpr TypeDesc kDesc{"ImageAnnotations", 2};
  static void describe(Description<ImageAnnotations>& d);
};
template <>
struct Payload<AnnotationTable> {
  static constexpr TypeDesc kDesc{"AnnotationTable", 2};
  static void describe(Description<AnnotationTable>& d);
};

}  // namespace mito
