#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/input_files.h"
#include "engine/core/params.h"
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

/// Compares a reference standard with what was drawn, as JSON:
///   candidates  spots by what they truly are, and precision, recall and F1 of CNN2 (and CNN1) on
///               them; a spot is the nearest brown object within `match_um` on the PHH3 slide, an
///               artefact when there is none;
///   reference   the accepted points against all mitoses of the H&E slide, and against those that
///               are brown (rule `optimal`);
///   registration  distance in um between true and given local shift of the registered mitoses,
///               before (global registration only) and after the local one: median, p95 and
///               all values, so that pairs can be pooled.
/// What has no denominator is null. Sec. III-B, method 10.1, 11.5.
std::string compare(const Params& params,
                    const std::vector<PhantomObject>& truth,
                    const SpotSet& spots,
                    const SpotScores& mitoses,
                    const SpotScores* artefacts,
                    const GlobalRegistration& global,
                    const LocalRegistration& local,
                    const ReferenceStandard& reference);

}  // namespace mito::evaluate_reference
