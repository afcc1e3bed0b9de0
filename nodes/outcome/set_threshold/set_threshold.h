#pragma once
#include <optional>
#include <string>

#include "engine/core/params.h"
#include "engine/nn/model.h"
#include "engine/types/tuning.h"

namespace mito::set_threshold {

struct Params {
  std::optional<double> min_probability = {};
  std::string chosen_on;

  static void describe(auto& p, auto&& field) {
    field("min_probability", p.min_probability,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Threshold delta of detections that the model has from now on; without it that "
                  "of a connected `tuning`."});
    field("chosen_on", p.chosen_on,
          {.doc = "How and on which data min_probability was chosen, for the model file and every "
                  "report that uses it."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// The model with its operating threshold and where that comes from: the parameters, or `tuning`
/// (may be null), whose cases then count as tuning cases of the model. Weights and description stay
/// as they are. Throws DataError when neither says a threshold, or both do, or when the tuning is
/// not one of detections.
nn::Model with_threshold(const Params& params, const nn::Model& model, const Tuning* tuning);

}  // namespace mito::set_threshold
