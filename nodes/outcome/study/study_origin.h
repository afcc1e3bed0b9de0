#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/input_files.h"
#include "engine/nn/model.h"
#include "engine/types/tuning.h"
#include "nodes/outcome/study/threshold_source.h"

namespace mito::nn {

/// What the slides of a study were judged with: the network, and the thresholds chosen on others.
struct StudyOrigin {
  std::string model_digest;                      ///< Empty: it was not said.
  std::optional<std::int64_t> model_parameters;  ///< Trainable numbers of all members (Table III);
                                                 ///< none of a network made elsewhere.
  std::optional<double> model_threshold;         ///< Its own; empty: there is no model.
  std::string model_threshold_source;
  std::optional<Tuning> tuning;

  std::vector<Measured::Seen> seen;  ///< What the network was trained and all were tuned on.

  const Tuning* tuned() const { return tuning ? &*tuning : nullptr; }
};

/// Any may be null. Throws DataError when the tuning is given twice, and as stats::read_tuning().
StudyOrigin study_origin(const Model* model, const Tuning* tuning, const File* tuning_file);

/// Parameters of an evaluation with the threshold, and how it was chosen, that they leave to the
/// network.
template <class Params>
Params for_model(Params params, const StudyOrigin& origin) {
  if (!origin.model_threshold || params.min_probability) return params;
  params.min_probability = origin.model_threshold;
  if (params.threshold_chosen_on == stats::kNotStated && !origin.model_threshold_source.empty())
    params.threshold_chosen_on = origin.model_threshold_source + " (model file)";
  return params;
}

}  // namespace mito::nn
