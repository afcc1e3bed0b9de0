#pragma once
#include <map>
#include <string>

#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "engine/types/pathology.h"

namespace mito::export_result {

/// Everything the result of a slide is made of. All but `model` must be given.
struct Result {
  const SlideInfo& slide;
  const TissueMask& mask;
  const DetectionSet& detections;
  const Hotspot& hotspot;
  const Grade& grade;
  const nn::Model* model = nullptr;
  std::map<std::string, double> seconds;  ///< Busy seconds per node.
};

/// The result of a slide as JSON. Numbers that cannot be had (a density without tissue, the model
/// when none was connected) are null (method 0.7).
std::string to_json(const Result& result);

}  // namespace mito::export_result
