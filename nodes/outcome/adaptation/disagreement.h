#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/nn/model.h"
#include "engine/slide/slide_detections.h"

namespace mito::adaptation {

struct DisagreementParams {
  std::int64_t most = 3000;
  std::string device = "auto";

  static void describe(auto& p, auto&& field) {
    field("most", p.most,
          {.range = {0, 1e9},
           .doc = "Detections of a slide that are looked at, the best; 0 is said of the others. A "
                  "network takes eight patches of each."});
    field("device", p.device, device_field("Where the networks run."));
  }
};

/// The eight views of a patch [3][100][100]: its turns by 90 degrees and those of its mirror image,
/// [8][3][100][100].
std::vector<float> eight_views(std::span<const float> patch);

/// Standard deviation of what the members of an ensemble say of a patch or, of a single network, of
/// what it says of the eight views: 0 = at one, at most 0.5.
float disagreement(const nn::Model& model, nn::Device device, std::span<const float> patch);

/// The detections with the disagreement on the first `most` of them, and 0 on the others. Throws
/// DataError as Slide::read; Interrupted when `stop` says so.
SlideDetections with_disagreement(const SlideDetections& found,
                                  const nn::Model& model,
                                  nn::Device device,
                                  std::int64_t most,
                                  const std::function<bool()>& stop);

}  // namespace mito::adaptation
