#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/nn/model.h"
#include "nodes/detector/training/patch_f1.h"
#include "nodes/detector/training/plain_patches.h"
#include "nodes/detector/training/scoring_params.h"

namespace mito::ensemble {

inline constexpr const char* kReportFile = "ensemble.json";

using Params = nn::ScoringParams;

/// What a network, or the ensemble, is worth on the validation patches.
struct Scored {
  stats::PatchF1 best;  ///< At the threshold that is best for it.
  stats::PatchF1 own;   ///< At the threshold that it came with.
};

struct Joined {
  nn::Model model;
  std::vector<Scored> members;     ///< Empty without validation patches.
  std::optional<Scored> together;  ///< `own` is the mean of the members' thresholds.
};

/// Joins networks to an ensemble whose probability is their mean (method 8.2). A single network
/// stays as it is. The threshold is the one with the highest F1 of the mean on the validation
/// patches, or without them (null) the mean of the members' thresholds. Throws DataError when the
/// networks do not belong together or one was trained on a case of the validation patches.
Joined join(const std::vector<nn::Model>& members,
            const nn::PlainPatches* validation,
            nn::Device device,
            const std::function<bool()>& stop);

/// F1 of every member and of all together, as JSON.
std::string report(const Joined& joined, const nn::PlainPatches& validation);

}  // namespace mito::ensemble
