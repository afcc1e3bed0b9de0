#include "nodes/outcome/study/seen_cases.h"

#include "engine/core/input_files.h"
#include "engine/nn/model.h"
#include "engine/stats/cohort.h"
#include "engine/stats/tuning_file.h"
#include "engine/types/cohort_table.h"

namespace mito::study {
namespace {

/// The slides and their cases; empty where they are not known yet.
std::optional<Measured> slides_of(const std::string& case_pattern, const Foresight& ahead) {
  const auto slides = ahead.at<ForetoldFiles>("slide");
  if (slides == nullptr || slides->paths.empty()) return std::nullopt;
  const auto stated = ahead.at<ForetoldCases>("annotations");
  if (stated == nullptr && ahead.connected("annotations")) return std::nullopt;
  std::optional<CohortTable> cohort;
  if (ahead.connected("cohort")) {
    const auto file = ahead.at<File>("cohort");
    if (file == nullptr) return std::nullopt;
    cohort = read_cohort_table(file->path);
  }
  Measured out;
  out.files = slides->paths;
  for (const auto& slide : slides->paths) {
    const bool is_stated = stated != nullptr && stated->of.contains(slide);
    out.cases.push_back(stats::member_of(case_pattern, slide.stem().string(), slide,
                                         is_stated ? stated->of.at(slide) : "",
                                         cohort ? &*cohort : nullptr)
                            .case_id);
  }
  return out;
}

}  // namespace

std::optional<Measured> measured_slides(const std::string& case_pattern, const Foresight& ahead) {
  auto out = slides_of(case_pattern, ahead);
  if (!out) return out;
  if (const auto model = ahead.at<nn::ModelInfo>("model"))
    out->seen.push_back(nn::seen_in_training(*model));
  return out;
}

std::optional<Measured> measured_with_threshold(const std::string& case_pattern,
                                                const Foresight& ahead) {
  auto out = measured_slides(case_pattern, ahead);
  if (!out) return out;
  if (const auto model = ahead.at<nn::ModelInfo>("model"))
    out->seen.push_back(nn::seen_in_tuning(*model));
  return out;
}

std::optional<Measured> measured_study(std::string_view port, const Foresight& ahead) {
  const auto slides = ahead.at<Measured>(port);
  if (slides == nullptr) return std::nullopt;
  Measured out{slides->cases, {}, slides->files};
  if (const auto model = ahead.at<nn::ModelInfo>("model"))
    out.seen.push_back(nn::seen_in_tuning(*model));
  if (const auto file = ahead.at<File>("tuning_file")) {
    const auto tuning = stats::read_tuning(file->path);
    out.seen.push_back({"tuning", tuning.cases, tuning.images});
  }
  if (const auto tuned = ahead.at<Measured>("tuning")) out.seen.push_back({"tuning", tuned->cases});
  return out;
}

}  // namespace mito::study
