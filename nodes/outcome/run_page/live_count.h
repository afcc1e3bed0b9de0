#pragma once
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/types/pathology.h"
#include "nodes/outcome/study/count_uncertainty.h"

namespace mito::run_page {

/// How the pipeline counts and grades.
struct CountParams : study::UncertaintyParams {
  std::optional<double> min_probability = {};
  double grade1_max_count = 6;
  double grade2_max_count = 20;

  static void describe(auto& p, auto&& field) {
    study::UncertaintyParams::describe(p, field);
    field("min_probability", p.min_probability,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "As min_probability of `hotspot`: what is counted for the grade has at least "
                  "this score."});
    field("grade1_max_count", p.grade1_max_count,
          {.range = {0, 1e6}, .doc = "As grade1_max_count of `grade`."});
    field("grade2_max_count", p.grade2_max_count,
          {.range = {0, 1e6}, .doc = "As grade2_max_count of `grade`."});
  }
};

/// Detections with at least `threshold`.
DetectionSet at_threshold(DetectionSet detections, double threshold);

/// What is counted for the grade.
DetectionSet counted(const CountParams& params, const DetectionSet& detections);

/// What the page needs to count, find the hotspot and grade at another threshold: the rule of
/// hotspot.js. Its `doubt` says why the page would not give the pipeline's numbers, as far as
/// `hotspot` and `grade`, made of `detections`, show it; null when they are the same.
nlohmann::ordered_json live_rule(const CountParams& params,
                                 const DetectionSet& detections,
                                 const TissueMask& mask,
                                 const Hotspot& hotspot,
                                 const Grade& grade);

}  // namespace mito::run_page
