#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/csv_table.h"
#include "engine/core/error.h"
#include "engine/types/geometry.h"
#include "engine/types/slide_names.h"

namespace mito {

/// One line of a file of points (method 1.3). What the file has no column for stays empty.
struct CsvPoint {
  std::string slide;  ///< Column `slide` or `image`: a slide's name or file name.
  PointL0 at;         ///< Level-0 pixels.
  std::optional<double> score;
  std::string label;
  std::string id;
};

struct CsvPoints {
  bool names_slides = false;                ///< Has a column `slide` or `image`.
  bool has_labels = false;                  ///< Has a column `label`.
  std::vector<CsvPoint> points;             ///< In file order.
  std::vector<std::string> without_points;  ///< Slides of rows whose x and y are both empty.
};

/// Reads points: columns `x` and `y`, optionally `slide` or `image`, `score`, `label`, `id`; others
/// are ignored. A row that names a slide but has neither x nor y lists a slide without points.
/// Throws DataError naming file, line and column, also of a row that names none where there is a
/// column for it.
CsvPoints read_points(const std::filesystem::path& file);

/// Labels of points that are mitoses; a point without a label is one, too.
inline constexpr std::array<std::string_view, 3> kMitosisPointLabels{"mitosis", "mitotic",
                                                                     "mitotic figure"};

/// The slides that the rows name, each once, sorted.
std::vector<std::string> named_slides(const CsvPoints& points);

/// The points of the slide at `slide_file` (names_of_slide), in file order; all of them when the
/// file has no slide column. Empty when it has one and never names this slide.
std::optional<std::vector<CsvPoint>> points_of_slide(const CsvPoints& points,
                                                     const std::filesystem::path& slide_file);

/// The mitoses among them, whose positions count from `origin`, on level 0.
std::optional<std::vector<PointL0>> true_mitoses(const CsvPoints& points,
                                                 const std::filesystem::path& slide_file,
                                                 const PointL0& origin = {});

}  // namespace mito
