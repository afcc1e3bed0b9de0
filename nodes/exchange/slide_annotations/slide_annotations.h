#pragma once
#include <filesystem>
#include <string>

#include "engine/core/params.h"
#include "engine/slide/slide.h"
#include "engine/types/annotations.h"

namespace mito::slide_annotations {

struct Params {
  std::string missing = "error";

  static void describe(auto& p, auto&& field) {
    field(
        "missing", p.missing,
        {.choices = {"error", "none"},
         .doc = "A slide that the annotations do not list: refuse it, or take it for one in which "
                "nothing is marked (TUPAC16 has no file for such an image)."});
  }
};

/// The image of the table that is the slide at `file` (names_of_slide). Null when the table does
/// not list the slide.
const ImageAnnotations* find(const std::filesystem::path& file, const AnnotationTable& table);

/// What is marked in a slide, in its level-0 pixels. The slide is the image that find() tells:
/// "04/01" is .../04/01.tif. The name and case are those of the table. Throws DataError when the
/// slide is not listed and `missing` is
/// "error", or naming an object that does not lie on the slide. Method 1.
ImageAnnotations of_slide(const Params& params,
                          const SlideInfo& slide,
                          const AnnotationTable& table);

}  // namespace mito::slide_annotations
