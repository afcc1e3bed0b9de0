#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/annotations.h"

namespace mito::annotations {

/// How files of annotations are understood. Labels are compared without regard to case; `_`, `-`
/// and blanks are the same.
struct ReadParams {
  std::string format = "auto";
  std::vector<std::string> mitosis_labels{"mitosis", "mitotic", "mitotic figure"};
  std::vector<std::string> hard_negative_labels{"hard negative",      "non mitosis",
                                                "nonmitosis",         "non mitotic",
                                                "non mitotic figure", "not mitotic figure"};
  std::string other_labels = "auto";
  std::string unlabelled = "auto";
  std::string box = "auto";
  std::string name_suffix = {};
  int name_folders = 0;

  static void describe(auto& p, auto&& field) {
    field("format", p.format,
          {.choices = {"auto", "csv", "tupac", "midog", "asap", "geojson", "imagescope", "voc",
                       "icpr", "sliderunner"},
           .doc = "Format of the files; auto: told from the content of each."});
    field("mitosis_labels", p.mitosis_labels,
          {.doc = "Names that count as mitosis. Case does not matter; _, - and blanks are the "
                  "same."});
    field("hard_negative_labels", p.hard_negative_labels,
          {.doc = "Names that count as hard negative: looks like a mitosis and is none."});
    field("other_labels", p.other_labels,
          {.choices = {"auto", "error", "keep", "drop"},
           .doc = "What to do with objects of any other name: refuse the file, keep them under "
                  "that name, or leave them out; auto: leave them out, with a line that counts "
                  "them, if any object is of a known class, else refuse the file."});
    field("unlabelled", p.unlabelled,
          {.choices = {"auto", "error", "mitosis", "hard_negative", "drop"},
           .doc = "What objects are to which the file gives no class: refuse the file, take them "
                  "for one of the classes, or leave them out; auto: as other_labels."});
    field("box", p.box,
          {.choices = {"auto", "corners", "size"},
           .doc = "What the four numbers of a box in JSON are: two corners (MIDOG), or left, top, "
                  "width and height (COCO); auto: what the boxes of the file show."});
    field("name_suffix", p.name_suffix,
          {.doc = "In formats that do not name their image, the file is called after it: what "
                  "follows the image's name in the file's, such as _mitoses."});
    field("name_folders", p.name_folders,
          {.range = {0, 8},
           .doc = "In formats that do not name their image: how many folders above the file belong "
                  "to the image's name. At least 1 for tupac."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const ReadParams& params);

/// "asap", "voc", ...: the format of a file, told from its content. Throws DataError when it cannot
/// be told.
std::string format_of(const std::filesystem::path& file);

/// Reads files of any format into one table. Files may add to the same image as long as no two of
/// them hold objects of one class in it. What is no object of a wanted class (a ruler, a region) is
/// left out; `left_out` (may be null) takes one line that counts it, or nothing. Throws DataError
/// "FILE:LINE:COLUMN: ..." (a database: file, table and row) for a file that is not as its format
/// says, an object of a wanted class that cannot be understood, a name of no known class and an
/// object without a class (as `params` says), an image of two cases, and an image described twice.
/// Method 1.
AnnotationTable read(const std::vector<std::filesystem::path>& files,
                     const ReadParams& params,
                     std::string* left_out = nullptr);

}  // namespace mito::annotations
