#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/output_file.h"
#include "engine/core/params.h"
#include "engine/stats/cohort.h"
#include "engine/types/cohort_table.h"
#include "engine/types/tuning.h"
#include "nodes/outcome/study/threshold_source.h"

namespace mito::evaluate_outcome {

inline constexpr double kPaperThreshold = 0.97;

struct Params {
  std::optional<double> min_probability = {};
  double grade1_max_count = 6;
  double grade2_max_count = 20;
  std::string threshold_chosen_on = stats::kNotStated;
  std::string data_set = stats::kNotStated;
  int replicates = 2000;
  std::int64_t seed = 1;

  static void describe(auto& p, auto&& field) {
    field("min_probability", p.min_probability,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .origin = Origin::Paper,
           .doc = "Threshold delta: detections with at least this score are counted, one of the "
                  "thresholds of hotspot_curve. Without it that of a connected model, else the "
                  "paper's, 0.97. A connected tuning decides instead."});
    field("grade1_max_count", p.grade1_max_count,
          {.range = {0, 1e6},
           .origin = Origin::Paper,
           .doc = "Threshold theta1: grade 1 up to this count, unless a tuning has another."});
    field("grade2_max_count", p.grade2_max_count,
          {.range = {0, 1e6},
           .origin = Origin::Paper,
           .doc = "Threshold theta2: grade 2 up to this count, grade 3 above, unless a tuning has "
                  "another."});
    field("threshold_chosen_on", p.threshold_chosen_on,
          {.doc = "Data on which the three thresholds were chosen, for the report; 'same data' or "
                  "the name of a slide or case marks the result as optimistic (method 10.5)."});
    field("data_set", p.data_set, {.doc = "Name of the data, for the report."});
    field("replicates", p.replicates,
          {.range = {0, 1e6}, .doc = "Resamples of the cases behind each interval."});
    field("seed", p.seed, seed_field("Of the resamples."));
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

inline constexpr const char* kReportFile = "slide_evaluation.json";
inline constexpr const char* kAgreementFile = "slide_agreement.csv";
inline constexpr const char* kSlidesFile = "slide_outcomes.csv";

/// What is written, by file name.
struct Report {
  std::string json;
  std::string agreement;  ///< One row per group and measure.
  std::string slides;     ///< One row per slide: counted and graded, beside its reference.
};

/// What is known of a study beside its slides.
struct Background {
  std::string model_digest;           ///< Empty: not known.
  const CohortTable* data = nullptr;  ///< The table of all its slides; null: not known.
  LeakCheck leaks = {};               ///< Between the slides and what judged them.
};

/// Grades the slides of a study by the counts of their hotspots and compares with their references
/// (method 9.5, 10.3 to 10.5): Spearman correlation of count and proliferation score with the
/// bootstrap interval over cases and Fisher's, quadratic weighted kappa of the grades with its
/// bootstrap interval; in total, per centre and per scanner. Slides without a reference are graded
/// and take no part in its measure. What is undefined is null or empty. `tuning` may be null. The
/// data of the study stand beside it as the paper's Table I has them. Does not depend on the order
/// of slides. Throws DataError when there is no slide or a slide was not counted at the threshold.
Report measure(const Params& params,
               std::vector<stats::SlideCounts> slides,
               const Tuning* tuning,
               const Background& background);

/// All files.
OutputFiles files(Report report);

}  // namespace mito::evaluate_outcome
