#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core/mat.hpp>

#include "engine/core/input_files.h"
#include "engine/core/params.h"
#include "engine/stats/agreement.h"
#include "engine/types/annotation.h"
#include "engine/types/labelled_places.h"
#include "engine/types/restained.h"

namespace mito::annotation_import {

/// How labels of several observers become one.
struct Params {
  std::string positive_label = "mitotic";
  std::string negative_label = "non_mitotic";
  int need = 0;

  static void describe(auto& p, auto&& field) {
    field("positive_label", p.positive_label,
          {.doc = "Label of class 1. CNN1 takes non_artefact here, CNN2 mitotic."});
    field("negative_label", p.negative_label,
          {.doc = "Label of class 0. CNN1 takes artefact here, CNN2 non_mitotic."});
    field("need", p.need,
          {.range = {0, 1000},
           .doc = "Equal votes that decide a sample, more than half of the observers; the paper "
                  "takes 3 of 4. 0: just more than half. A missing vote counts for neither side."});
  }
};

struct ImportParams : Params {
  std::string keep = "all";

  static void describe(auto& p, auto&& field) {
    Params::describe(p, field);
    field("keep", p.keep,
          {.choices = {"all", "positive", "negative"},
           .doc = "Which decided samples to take. Method 4.4 adds the artefacts of the first "
                  "labelling to the negatives of the second: negative."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// A sheet with everybody's votes.
struct Labelled {
  LabelSheet sheet;
  std::vector<std::string> observers;     ///< Sorted by name.
  stats::Votes votes;                     ///< [sample][observer]; For is the positive label.
  std::vector<std::vector<bool>> unsure;  ///< The same: a missing vote that was given as such.
  int need = 0;                           ///< The number that was used.
  std::vector<stats::Verdict> verdicts;   ///< One per sample.
};

/// The label of an observer who cannot tell: a missing vote.
inline constexpr const char* kUnsure = "unsure";

/// Reads the sheet and all label files and counts the votes (method 12). Throws DataError naming
/// file, line and column: see LabelSheet::read and read_labels; and when `need` is not more than
/// half of the observers or more than all.
Labelled combine(const Params& params,
                 const std::filesystem::path& sheet,
                 const std::vector<std::filesystem::path>& labels);

/// The decided samples with their pixels, in the order of the sheet; the case of a sample is its
/// slide. Reads the PNG files beside the sheet and compares their SHA-256. Throws DataError naming
/// the file: missing, changed, not square or not of the size of the others; and when no sample is
/// kept.
LabelledPatches patches(const ImportParams& params, const Labelled& labelled);

/// The decided samples of places that were drawn to inform, with what each stands for. Throws
/// DataError as patches(), and when the key does not say with what chance they were drawn.
LabelledPlaces places(const Params& params, const Labelled& labelled);

/// Pixels of the patch of one sample, BGR. Throws DataError as patches().
cv::Mat patch_image(const LabelSheet& sheet, std::size_t index);

/// As tables show it: with three digits, or "undefined".
std::string measure_text(const std::optional<double>& value);

/// What the report node writes.
struct Report {
  std::string json;      ///< agreement.json
  std::string markdown;  ///< agreement.md: the same for people
  std::string merged;    ///< merged_labels.csv: sample,slide,x,y,label,for,against,missing
};

inline constexpr const char* kJsonFile = "agreement.json";
inline constexpr const char* kMarkdownFile = "agreement.md";
inline constexpr const char* kMergedFile = "merged_labels.csv";

/// Votes, kept and dropped, raw pairwise agreement, Cohen's kappa per pair, Fleiss' kappa, every
/// observer against the majority of the others, the samples that need adjudication (method 12).
/// What is undefined is null, with the reason.
Report report(const Params& params, const Labelled& labelled);

}  // namespace mito::annotation_import
