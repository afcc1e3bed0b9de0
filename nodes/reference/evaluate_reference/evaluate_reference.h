#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/input_files.h"
#include "engine/core/params.h"
#include "engine/core/payload.h"
#include "engine/stats/matching.h"
#include "engine/types/phantom_truth.h"
#include "engine/types/restained.h"

namespace mito::evaluate_reference {

struct Params {
  double match_um = 7.5;

  static void describe(auto& p, auto&& field) {
    field("match_um", p.match_um,
          {.unit = Unit::Micron,
           .range = {0.1, 1000},
           .origin = Origin::Paper,
           .doc = "A mitosis is found by a point this close; a spot shows the object this close."});
  }
};

/// The file of `files` that belongs to H&E slide `he_name`: X_truth.csv for X_he. Throws DataError
/// when there is none.
std::filesystem::path truth_of(const FileList& files, const std::string& he_name);

/// What a reference standard has in common with what was drawn.
struct Comparison {
  double match_um = 0;
  // Spots by what they truly are: a spot is the nearest brown object within `match_um` on the PHH3
  // slide, an artefact when there is none.
  std::int64_t spots = 0;
  std::int64_t mitoses = 0;
  std::int64_t nonspecific = 0;
  std::int64_t artefacts = 0;
  std::optional<stats::Counts> cnn1;  ///< On the spots: nuclear or not; none without CNN1.
  stats::Counts cnn2;                 ///< On the spots: mitotic or not.
  // The accepted points against the mitoses of the H&E slide (rule `optimal`).
  stats::Counts all_mitoses;
  stats::Counts brown_mitoses;  ///< Only those that took the stain.
  // Between true and given local shift of the registered mitoses, um.
  std::vector<double> before_um;  ///< Global registration only.
  std::vector<double> after_um;
  double psr = 0;  ///< Of the global registration.
};

/// Throws DataError when the parts do not belong together. Sec. III-B, method 10.1, 11.5.
Comparison compare(const Params& params,
                   const std::vector<PhantomObject>& truth,
                   const SpotSet& spots,
                   const SpotScores& mitoses,
                   const SpotScores* artefacts,
                   const GlobalRegistration& global,
                   const LocalRegistration& local,
                   const ReferenceStandard& reference);

/// As JSON, with median, p95 and all values of the distances; what has no denominator is null.
std::string to_json(const Comparison& one);

/// The pairs of a study together: counts add up, distances are pooled.
class Study {
 public:
  void add(const Comparison& pair);
  /// `pairs`, `psr` (lowest and highest), then as to_json() of one pair.
  std::string to_json() const;
  std::string to_markdown() const;

 private:
  Comparison sum_;
  std::vector<double> psr_;
};

}  // namespace mito::evaluate_reference

namespace mito {

template <>
struct Payload<evaluate_reference::Comparison> {
  static constexpr TypeDesc kDesc{"ReferenceComparison", 1};
};

}  // namespace mito
