#pragma once
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/annotations.h"
#include "engine/types/pathology.h"
#include "engine/types/training.h"

namespace mito::label_candidates {

struct Params {
  std::string label = std::string(kMitosisLabel);
  double diameter_um = 25;
  std::string positives = "all";
  std::string hard_negatives = "ignore";
  std::vector<std::string> ignored_labels = {};
  double close_um = 7.5;
  std::string case_pattern;

  static void describe(auto& p, auto&& field) {
    field("label", p.label,
          {.doc = "Annotations with this label are the reference objects; others are not looked "
                  "at, but for hard_negatives."});
    field("diameter_um", p.diameter_um,
          {.unit = Unit::Micron,
           .range = {0.01, 1000},
           .origin = Origin::Paper,
           .doc = "Diameter d of a tumour cell: a candidate this close to a reference object is "
                  "positive (100 px)."});
    field("positives", p.positives,
          {.choices = {"all", "nearest", "reference"},
           .origin = Origin::Paper,
           .doc = "all: every candidate within diameter_um of a reference object. nearest: the "
                  "nearest one of each object. reference: the objects themselves. Other candidates "
                  "within diameter_um are then of neither class (method 5.3)."});
    field("hard_negatives", p.hard_negatives,
          {.choices = {"ignore", "negatives"},
           .doc = "negatives: annotations called 'hard_negative' become negatives of their own, "
                  "unless a reference object lies within close_um (with positives: all, within "
                  "diameter_um)."});
    field("ignored_labels", p.ignored_labels,
          {.affects = Affects::Addition,
           .doc = "Annotations with these labels may be reference objects or not, such as places "
                  "of which observers disagree: what would be negative within diameter_um of them "
                  "is of neither class."});
    field(
        "close_um", p.close_um,
        {.unit = Unit::Micron,
         .range = {0.01, 1000},
         .origin = Origin::Paper,
         .doc = "The recall of reference objects is also reported within this distance (30 px)."});
    field("case_pattern", p.case_pattern,
          {.doc = "Where the annotations state no case: a regular expression whose one group finds "
                  "the case in the slide's name, such as '^(A[0-9]+)_'; without it the case is the "
                  "name of the slide."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// The slide that is labelled.
struct Subject {
  Grid grid;  ///< Analysis grid.
  std::string name;
  std::string identity;
  double tissue_mm2 = 0;  ///< 0: not known.
};

/// Gives the candidates of a slide their classes by their distance to reference objects
/// (method 5.3), distances inclusive. The candidates come first, in their order; then, where they
/// are asked for, the reference objects and the hard negatives, in theirs. An object that is the
/// nearest of none, and two objects with the same nearest candidate, give one positive less; ties
/// go to the earlier candidate. `recall` counts reference objects with a candidate near them,
/// whatever `positives` says.
///
/// Candidates that would be negative near an annotation of `ignored_labels` are of neither class.
///
/// Throws DataError naming the slide when a candidate or an annotation that is used lies off it, or
/// when `case_pattern` does not fit its name.
LabelledCandidates label(const Params& params,
                         const Subject& subject,
                         const CandidateSet& candidates,
                         const ImageAnnotations& annotations);

}  // namespace mito::label_candidates
