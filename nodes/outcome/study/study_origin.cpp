#include "nodes/outcome/study/study_origin.h"

#include "engine/core/error.h"
#include "engine/stats/tuning_file.h"
#include "nodes/outcome/study/threshold_source.h"

namespace mito::nn {
namespace {

/// Trainable numbers of a network, or of all members of an ensemble.
std::int64_t parameters_of(const Model& model) {
  if (model.members().empty()) return parameter_count(model.info().architecture);
  std::int64_t sum = 0;
  for (const auto& member : model.members()) sum += parameters_of(member);
  return sum;
}

}  // namespace

StudyOrigin study_origin(const Model* model, const Tuning* tuning, const File* tuning_file) {
  if (tuning != nullptr && tuning_file != nullptr)
    throw DataError("the tuning is given twice: connect either 'tuning' or 'tuning_file'");
  StudyOrigin origin;
  if (model != nullptr) {
    origin.model_digest = model->digest();
    if (model->imported() == nullptr) origin.model_parameters = parameters_of(*model);
    origin.seen = {seen_in_training(model->info()), seen_in_tuning(model->info())};
    origin.model_threshold = model->info().threshold;
    origin.model_threshold_source = model->info().threshold_source;
  }
  if (tuning != nullptr) origin.tuning = *tuning;
  if (tuning_file != nullptr) origin.tuning = stats::read_tuning(tuning_file->path);
  if (origin.tuning) origin.seen.push_back({"tuning", origin.tuning->cases, origin.tuning->images});
  return origin;
}

}  // namespace mito::nn
