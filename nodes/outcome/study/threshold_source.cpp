#include "nodes/outcome/study/threshold_source.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

std::string source_text(const Tuning& tuning) {
  std::string text =
      "tuning on " + std::to_string(tuning.cases.size()) + " cases by " + tuning.measure + ":";
  for (const auto& name : tuning.cases) text += " " + name;
  return text;
}

}  // namespace

std::string ThresholdSource::optimistic_text() const {
  if (!optimistic) return "";
  return *optimistic ? "yes" : "no";
}

ThresholdSource threshold_source(const std::string& stated,
                                 const Tuning* tuning,
                                 const std::vector<std::string>& measured) {
  if (tuning != nullptr) return {source_text(*tuning), false};
  if (stated == kNotStated) return {stated, std::nullopt};
  return {stated, stated == "same data" || std::ranges::count(measured, stated) > 0};
}

void require_measure(const Tuning* tuning, std::string_view measure) {
  if (tuning == nullptr || tuning->measure == measure) return;
  throw DataError(fmt::format(
      "the thresholds were chosen by '{}', but what is measured here needs a choice by '{}': "
      "tune_slide chooses by 'spearman' for grades, tune_detection by 'f1' for detections",
      tuning->measure, measure));
}

}  // namespace mito::stats
