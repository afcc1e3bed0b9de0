#pragma once
#include <optional>
#include <string>

#include "engine/core/params.h"
#include "engine/types/annotated_images.h"
#include "engine/types/inputs.h"

namespace mito::annotated_images {

struct Params {
  std::optional<double> assume_mpp;
  std::string label = "mitosis";
  std::string case_separator = "_";
  bool ignore_unknown_images = false;

  static void describe(auto& p, auto&& field) {
    field("assume_mpp", p.assume_mpp,
          {.unit = Unit::MicronPerPixel,
           .range = {0.05, 10},
           .doc = "um per level-0 pixel of images that do not say."});
    field("label", p.label,
          {.doc = "Rows with this label are mitoses, others are left out; only matters when the "
                  "table has a column 'label'."});
    field("case_separator", p.case_separator,
          {.doc = "Without a column 'case', the case is the file name up to this text."});
    field("ignore_unknown_images", p.ignore_unknown_images,
          {.doc = "Leave out points of images that are not given, instead of refusing the table."});
  }
};

/// Joins images with a CSV table of their mitoses: columns x, y (level-0 pixels) and image or slide
/// (file name, with or without extension); optionally case and label. An image without a row has no
/// mitosis. Throws DataError naming file, line and column of what does not fit, or the image whose
/// case differs between rows.
AnnotatedImages read(const Params& params, const FileList& images, const File& points);

}  // namespace mito::annotated_images
