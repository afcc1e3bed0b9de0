#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/output_file.h"
#include "engine/core/params.h"
#include "engine/stats/matching.h"
#include "engine/types/annotations.h"
#include "engine/types/pathology.h"
#include "engine/types/points_csv.h"
#include "engine/types/seen_images.h"

namespace mito::evaluate {

struct Params {
  double match_um = 7.5;
  std::vector<std::string> truth_labels{kMitosisPointLabels.begin(), kMitosisPointLabels.end()};
  std::string threshold_chosen_on = "not stated";
  std::string case_pattern;
  std::string truth_origin = "level0";

  static void describe(auto& p, auto&& field) {
    field("match_um", p.match_um,
          stats::match_field(
              "A detection this close to a true mitosis finds it (30 px; AMIDA13 rule)."));
    field(
        "truth_labels", p.truth_labels,
        {.doc = "Where the truth file has a column `label`, only points with one of these labels, "
                "or with none, are mitoses."});
    field("threshold_chosen_on", p.threshold_chosen_on,
          {.doc = "Data on which the detection threshold was chosen, for the report; 'same data' "
                  "or the slide's name marks the result as optimistic (method 10.5)."});
    field("case_pattern", p.case_pattern,
          {.doc = "Where no annotations state the case: a regular expression whose one group finds "
                  "it in the slide's name, as label_candidates has it; without it the case is the "
                  "name of the slide."});
    field(
        "truth_origin", p.truth_origin,
        {.choices = {"level0", "bounds"},
         .doc = "Where the positions of the truth file count from: the corner of the whole slide "
                "(OpenSlide, ASAP), or of its scanned part (openslide.bounds-x and -y; QuPath)."});
  }
};

/// The slide whose detections are measured.
struct Subject {
  std::string name;            ///< For people.
  std::filesystem::path file;  ///< Its file name is looked up in the truth's slide column.
  std::string case_id = {};    ///< Patient; empty when not known.
  PointL0 bounds_corner = {};  ///< Of SlideInfo.
  LeakCheck leaks = {};        ///< Against what the network has seen.
};

/// What the node writes.
struct Report {
  std::string json;          ///< evaluation.json
  std::string curve;         ///< evaluation_curve.csv; its header alone when there is no truth
  std::string warning = {};  ///< The truth names other slides only; else empty.
};

inline constexpr const char* kReportFile = "evaluation.json";
inline constexpr const char* kCurveFile = "evaluation_curve.csv";

/// Compares detections with the true mitoses in `truth_file` or in `annotations` (method 10.1,
/// 10.2, 10.5): counts, precision, recall and F1 under the four matching rules at the threshold the
/// detections were made with, and F1 against the threshold under `any_hit`. Detections below their
/// own threshold are not known, so the curve starts there; the report says so. What is undefined is
/// null, with a reason.
///
/// No truth, or a file whose slide column never names this slide, gives "truth": null. A file
/// without a slide column is about this slide, and without points says that it has no mitosis;
/// `annotations` (may be null) are about this slide. Throws DataError when both are given, and
/// naming file, line and column of a mistake in the truth.
Report compare(const Params& params,
               const DetectionSet& detections,
               const Subject& subject,
               const std::filesystem::path& truth_file,
               const ImageAnnotations* annotations = nullptr);

/// The case of a slide: what `annotations` (may be null) state, else by `case_pattern` in its name.
/// Throws DataError when the pattern does not fit.
std::string case_of_slide(const Params& params,
                          const std::string& name,
                          const ImageAnnotations* annotations);

/// Both files.
OutputFiles files(Report report);

}  // namespace mito::evaluate
