#include "nodes/outcome/set_threshold/set_threshold.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/types/seen_images.h"
#include "nodes/outcome/study/threshold_source.h"

namespace mito::set_threshold {
namespace {

std::string source_of(const Tuning& tuning) {
  return fmt::format("highest F1 ({:.3f}) on {} tuning cases, {}", tuning.value,
                     tuning.cases.size(), tuning.rule);
}

}  // namespace

std::string check(const Params& params) {
  if (params.min_probability && params.chosen_on.empty())
    return "parameter 'chosen_on' must say how min_probability was chosen";
  if (!params.min_probability && !params.chosen_on.empty())
    return "parameter 'chosen_on' is of min_probability, which is not given";
  return {};
}

nn::Model with_threshold(const Params& params, const nn::Model& model, const Tuning* tuning) {
  if (params.min_probability && tuning != nullptr)
    throw DataError("the threshold is given twice: as min_probability and by a tuning");
  auto info = model.info();
  if (params.min_probability) {
    info.threshold = *params.min_probability;
    info.threshold_source = params.chosen_on;
    return model.with(std::move(info));
  }
  if (tuning == nullptr)
    throw DataError("there is no threshold: give min_probability, or connect a tuning");
  stats::require_measure(tuning, "f1");
  info.threshold = tuning->min_probability;
  info.threshold_source = source_of(*tuning);
  auto& cases = info.tuning_cases;
  cases.insert(cases.end(), tuning->cases.begin(), tuning->cases.end());
  std::ranges::sort(cases);
  cases.erase(std::unique(cases.begin(), cases.end()), cases.end());
  info.tuning_images = united(std::move(info.tuning_images), tuning->images);
  return model.with(std::move(info));
}

}  // namespace mito::set_threshold
