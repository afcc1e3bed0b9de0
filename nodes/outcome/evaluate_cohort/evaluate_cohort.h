#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/output_file.h"
#include "engine/core/params.h"
#include "engine/report/page.h"
#include "engine/stats/cohort.h"
#include "engine/stats/matching.h"
#include "engine/types/cohort_table.h"
#include "engine/types/tuning.h"
#include "nodes/outcome/evaluate_cohort/mistakes.h"
#include "nodes/outcome/study/threshold_source.h"

namespace mito::evaluate_cohort {

inline constexpr double kPaperThreshold = 0.919;

struct Params {
  double match_um = 7.5;
  std::optional<double> min_probability = {};
  std::string threshold_chosen_on = stats::kNotStated;
  std::string data_set = stats::kNotStated;
  int replicates = 2000;
  std::int64_t seed = 1;
  int calibration_bins = 10;
  GallerySize pictures = {};

  static void describe(auto& p, auto&& field) {
    field("match_um", p.match_um,
          stats::match_field(
              "A detection this close to a true mitosis finds it (30 px; AMIDA13 rule)."));
    field("min_probability", p.min_probability,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .origin = Origin::Paper,
           .doc = "Threshold delta: detections with at least this score are measured. Without it "
                  "that of a connected model, else the paper's, 0.919. A connected `tuning` "
                  "decides instead."});
    field("threshold_chosen_on", p.threshold_chosen_on,
          {.doc = "Data on which min_probability was chosen, for the report; 'same data' or the "
                  "name of a slide or case marks the result as optimistic (method 10.5)."});
    field("data_set", p.data_set, {.doc = "Name of the data, for the report."});
    field("replicates", p.replicates,
          {.range = {0, 1e6}, .doc = "Resamples of the cases behind each interval."});
    field("seed", p.seed, seed_field("Of the resamples."));
    field("calibration_bins", p.calibration_bins,
          {.range = {1, 1000}, .doc = "Ranges of the calibration curve."});
    GallerySize::describe(p.pictures, field);
  }
};

inline constexpr const char* kReportFile = "evaluation.json";
inline constexpr const char* kTableFile = "evaluation.csv";
inline constexpr const char* kCasesFile = "evaluation_cases.csv";
inline constexpr const char* kDetailsFile = "evaluation_details.csv";
inline constexpr const char* kCurveFile = "evaluation_curve.csv";
inline constexpr const char* kPageFile = "evaluation.html";
inline constexpr const char* kFrocFile = "evaluation_froc.csv";
inline constexpr const char* kCalibrationFile = "evaluation_calibration.csv";

/// From which score on detections are measured: that of `tuning` (may be null), else the
/// parameter's, else the paper's.
double threshold_of(const Params& params, const Tuning* tuning);

/// What is written; the page with its figures.
struct Report {
  std::string json;
  std::string table;    ///< One row: the study by the paper's rule.
  std::string cases;    ///< A row per case.
  std::string details;  ///< A row per group and rule.
  std::string curve;
  std::string froc;
  std::string calibration;
  report::Page page;
};

/// What is known beside the detections.
struct Background {
  std::string model_digest = {};                      ///< Empty: it was not said.
  std::optional<std::int64_t> model_parameters = {};  ///< Trainable numbers.
  const CohortTable* data = nullptr;  ///< All data of the study, measured here or not; may be null.
  LeakCheck leaks = {};               ///< Between the slides and what judged them.
  const Album* album = nullptr;       ///< Pictures of mistakes; may be null.
};

/// Measures the detections of a whole study (method 10.1, 10.2, 10.4, 10.5, 14): counts,
/// precision, recall, F1 and false positives per mm2 of every slide, case, centre, scanner and in
/// total under the four matching rules, with 95 % intervals of a bootstrap over cases; F1 against
/// the threshold with its interval (Fig. 7), FROC and calibration under `any_hit`. Each output says
/// what it was measured on, with the data of the study as the paper's Table I has them. What is
/// undefined is null or empty. Throws DataError when there is no slide.
Report measure(const Params& params,
               std::vector<stats::CohortSlide> cohort,
               const Tuning* tuning,
               const Background& background = {});

/// All files.
OutputFiles files(Report report);

}  // namespace mito::evaluate_cohort
