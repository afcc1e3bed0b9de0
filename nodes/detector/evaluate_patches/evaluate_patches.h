#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/nn/model.h"
#include "nodes/detector/training/patch_f1.h"
#include "nodes/detector/training/plain_patches.h"
#include "nodes/detector/training/scoring_params.h"

namespace mito::evaluate_patches {

inline constexpr const char* kReportFile = "patches_evaluation.json";
inline constexpr const char* kScoresFile = "patches_scores.csv";

using Params = nn::ScoringParams;

/// A model on labelled patches, and each of its members where it has several.
struct Measured {
  std::string digest;
  double threshold = 0;          ///< Stored with the model.
  std::string threshold_source;  ///< Where that was chosen.
  /// Cases of these patches that it was chosen on, by name or content: with any, what is measured
  /// there is optimistic.
  std::vector<std::string> tuned_on;
  LeakCheck leaks;
  double recall = 0;  ///< Share of the positives at or above it.
  /// At that threshold, and at the one that is best for these patches; without negatives neither
  /// precision nor F1 means anything, and there are none.
  std::optional<stats::PatchF1> at_threshold;
  std::optional<stats::PatchF1> best;
  std::vector<float> probability;
  std::vector<Measured> members;
};

/// Throws DataError when the model was trained on a case of the patches, by its name or by the
/// content of a slide, or none is positive.
Measured measure(const nn::Model& model,
                 const nn::PlainPatches& patches,
                 nn::Device device,
                 const std::function<bool()>& stop);

/// Mean of |p - q| over the patches (method 8.3). Throws DataError when the numbers differ.
double mean_absolute_difference(const std::vector<float>& p, const std::vector<float>& q);

/// The measures of a model, and with a teacher those of the teacher and how far apart the two are,
/// as JSON.
std::string report(const nn::PlainPatches& patches,
                   const Measured& measured,
                   const std::optional<Measured>& teacher);

/// One line per patch: `slide,case,x,y,label,probability`, with x and y in pixels of the analysis
/// grid.
std::string scores_csv(const PatchSet& patches, const std::vector<float>& probability);

}  // namespace mito::evaluate_patches
