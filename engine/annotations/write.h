#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/annotations.h"

namespace mito::annotations {

struct WriteParams {
  std::string format = "csv";
  double box_px = 50;
  std::string image_extension = {};

  static void describe(auto& p, auto&& field) {
    field("format", p.format,
          {.choices = {"csv", "tupac", "midog", "asap", "geojson", "voc", "icpr", "sliderunner"},
           .doc = "csv, midog and sliderunner: one file of all images. The others: one file per "
                  "image."});
    field("box_px", p.box_px,
          {.unit = Unit::Pixel,
           .range = {0, 10000},
           .doc = "Side of the box about a point in level-0 pixels, in formats that hold boxes "
                  "(midog, voc)."});
    field("image_extension", p.image_extension,
          {.doc = "Added to the names of images in formats that name image files (csv, midog, voc, "
                  "sliderunner), such as .tif."});
  }
};

struct OutputFile {
  std::filesystem::path path;  ///< Relative to the output folder.
  std::string bytes;
};

/// A table in another program's format; equal tables give equal bytes. What a format cannot hold is
/// listed in docs/annotation_formats.md. Throws DataError naming the image: a label that the format
/// has no place for (tupac, icpr), an image without a case (tupac), a name that would leave the
/// output folder, that reads back as another, or that has a line break (csv).
std::vector<OutputFile> write(const AnnotationTable& table, const WriteParams& params);

}  // namespace mito::annotations
