#pragma once
#include <optional>
#include <string>

#include "engine/core/params.h"
#include "engine/nn/model.h"
#include "engine/nn/patch_regions.h"
#include "engine/types/pathology.h"

namespace mito::second_opinion {

struct Params {
  std::string score = "second";
  std::optional<double> min_probability = {};
  double radius_um = 7.5;
  std::string device = "auto";

  static void describe(auto& p, auto&& field) {
    field("score", p.score,
          {.choices = {"second", "mean", "least"},
           .doc = "What becomes of both: that of this network, their mean, or the lower one."});
    field("min_probability", p.min_probability,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Detections with at least this score stay; without it the threshold of the "
                  "model."});
    field("radius_um", p.radius_um,
          {.unit = Unit::Micron,
           .range = {0, 50},
           .doc = "Of a network with a heat map or boxes the highest value so near counts: 7.5 um, "
                  "within which detections are matched."});
    field("device", p.device,
          device_field("Where the network runs; auto takes an accelerator when there is one."));
  }
};

/// Detections judged again by another network: of the patch around each, as classify_candidates; by
/// a heat map or boxes, the highest value within `radius_um`. Best first, those below the threshold
/// left out. A score depends on its own surroundings only. Throws DataError when the model belongs
/// to another resolution, Interrupted when asked to stop.
DetectionSet judge(const Params& params,
                   const DetectionSet& detections,
                   const nn::Model& model,
                   nn::Device device,
                   const nn::ReadPixels& read,
                   const nn::Hooks& hooks);

}  // namespace mito::second_opinion
