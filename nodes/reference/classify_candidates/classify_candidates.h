#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "engine/types/restained.h"

namespace mito::classify_candidates {

struct Params {
  std::optional<double> threshold;
  std::string device = "auto";

  static void describe(auto& p, auto&& field) {
    field("threshold", p.threshold,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "From this probability on a candidate counts as class 1; without it the "
                  "threshold stored with the model, which train_cnn sets to 0.5 for patches."});
    field("device", p.device,
          device_field("Where the network runs; auto takes an accelerator when there is one."));
  }
};

/// What a long computation needs from its surroundings.
struct Hooks {
  std::function<bool()> stop = [] { return false; };
  std::function<void(const std::string&, double)> progress = [](const std::string&, double) {};
};

/// Reads pixels of the analysis grid, RGB [height][width][3], white off the slide.
using Read = std::function<std::vector<std::uint8_t>(const Rect&)>;

/// Probability of class 1 of the patch around every spot, 100 x 100 px or those of a network made
/// elsewhere, the spot at its middle (50, 50) (method 4.4, 6.1), in the order of the spots.
/// Evaluated in batches of fixed size: a value depends on its own patch only. Throws DataError when
/// a spot lies off the slide, Interrupted when asked to stop.
std::vector<float> probabilities(const nn::Network& network,
                                 const Grid& analysis,
                                 const Read& read,
                                 const SpotSet& spots,
                                 const Hooks& hooks);

/// The same for a slide and a model of either family. Throws DataError naming the slide when the
/// model belongs to another resolution, and as above.
SpotScores classify(const Params& params,
                    const Slide& slide,
                    const SpotSet& spots,
                    const nn::Model& model,
                    nn::Device device,
                    const Hooks& hooks);

}  // namespace mito::classify_candidates
