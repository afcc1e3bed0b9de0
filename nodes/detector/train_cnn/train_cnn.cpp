#include "nodes/detector/train_cnn/train_cnn.h"

#include <set>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/version.h"
#include "engine/types/cases.h"
#include "engine/types/seen_images.h"

namespace mito::train_cnn {
namespace {

std::string measures(const stats::PatchF1& m) {
  return fmt::format("F1 {:.3f}, precision {:.3f}, recall {:.3f}", m.f1, m.precision, m.recall);
}

PatchSet without_pixels(const PatchSet& set) {
  PatchSet out;
  out.slides = set.slides;
  out.slide = set.slide;
  out.at = set.at;
  out.label = set.label;
  return out;
}

using Names = std::vector<std::string>;

Names united_names(const Names& a, const Names& b) {
  std::set<std::string> out(a.begin(), a.end());
  out.insert(b.begin(), b.end());
  return {out.begin(), out.end()};
}

/// `files` and those of another network, which `whose` names.
SeenFiles united_files(SeenFiles files, SeenFiles others, const std::string& whose) {
  if (!others.not_known.empty()) others.not_known = "of " + whose + ", " + others.not_known;
  return united(std::move(files), others);
}

/// What the networks that this one learnt from have seen, it has seen.
nn::ModelInfo with_origins(nn::ModelInfo info, const std::vector<Origin>& origins) {
  for (const auto& [whose, other] : origins) {
    info.training_cases = united_names(info.training_cases, other.training_cases);
    info.tuning_cases = united_names(info.tuning_cases, other.tuning_cases);
    info.training_images =
        united_files(std::move(info.training_images), other.training_images, whose);
    info.tuning_images = united_files(std::move(info.tuning_images), other.tuning_images, whose);
  }
  return info;
}

}  // namespace

Params for_start(Params params, const nn::Model* start) {
  if (start == nullptr) return params;
  const auto& given = start->info().architecture;
  if (given == architecture(params)) return params;
  if (!params.width_factor) params.width_factor = given.width_factor;
  if (!params.slope) params.slope = given.slope;
  return params;
}

nn::Tensors first_weights(const Params& params, const nn::Model* start, std::uint64_t seed) {
  const auto wanted = architecture(params);
  if (start == nullptr)
    return nn::initial_tensors(wanted, seed, "train_cnn", nn::init_from(params.init));
  const auto& given = start->info().architecture;
  if (given != wanted)
    throw DataError(fmt::format(
        "the network to start from has another architecture ({}, width factor {}, rule {}, slope "
        "{}) than asked for ({}, width factor {}, rule {}, slope {})",
        nn::name_of(given.family), given.width_factor, nn::name_of(given.rule), given.slope,
        nn::name_of(wanted.family), wanted.width_factor, nn::name_of(wanted.rule), wanted.slope));
  return start->tensors();
}

Training::Training(const Params& params, const Data& data, std::uint32_t size, const Hooks& hooks)
    : params_(for_start(params, data.start)) {
  if (data.validation == nullptr && !nothing_chosen(params_))
    throw DataError(
        "there are no validation patches to choose by: connect 'validation', or set keep: last and "
        "threshold: half");
  const PatchSet none;
  const auto& validating = data.validation == nullptr ? none : *data.validation;
  mito::check(data.patches);
  nn::check_classes(data.patches, "training");
  if (data.validation != nullptr) nn::check_classes(validating, "validation");
  info_.architecture = architecture(params_);
  info_.mpp = kAnalysisMpp;
  info_.training_cases = nn::cases_of(data.patches);
  info_.tuning_cases = nn::cases_of(validating);
  refuse_shared_cases({"training", info_.training_cases}, {"validation", info_.tuning_cases});
  info_.training_images = nn::images_of(data.patches, data.slides);
  info_.tuning_images = nn::images_of(validating, data.slides);
  if (data.start != nullptr)
    origins_.push_back({"the network it started from", data.start->info()});
  if (data.teacher != nullptr) origins_.push_back({"its teacher", data.teacher->info()});
  info_.data_digest = content_digest(data.patches);
  info_.seed = static_cast<std::int64_t>(data.patches.seed);
  info_.version = fmt::format("mitoloom {}", version());
  auto identity = fmt::format("{};{};{}", info_.data_digest,
                              data.validation == nullptr ? "" : content_digest(validating),
                              data.start == nullptr ? "" : data.start->digest());
  nn::PlainPatches validation(validating, data.slides, params_.memory_mib, hooks.stop,
                              hooks.scratch);
  trainer_ = std::make_unique<Trainer>(
      params_,
      nn::backend().learner(info_.architecture,
                            first_weights(params_, data.start, data.patches.seed),
                            nn::device_from(params_.device),
                            {.precision = nn::precision_from(params_.precision),
                             .batch_norm = params_.batch_norm,
                             .trained = data.start != nullptr}),
      RunData{without_pixels(data.patches), std::move(validation), std::move(identity), size},
      hooks);
}

nn::Model Training::finish() {
  auto trained = trainer_->finish();
  const auto& best = trained.best();
  const bool half = half_threshold(params_);
  info_.threshold = half ? best.half.threshold : best.validation.threshold;
  info_.epochs = std::ssize(trained.epochs);
  info_.best_epoch = trained.best_epoch;
  if (nothing_chosen(params_)) {
    info_.tuning_cases.clear();
    info_.tuning_images = {{}, ""};
    info_.threshold_source = "fixed; the weights are those of the last epoch";
    return {with_origins(std::move(info_), origins_), std::move(trained.weights)};
  }
  info_.threshold_source = fmt::format(
      "{} ({}) of the validation patches of cases {}; {} epoch, {} of {}",
      half ? "fixed" : "best F1", measures(half ? best.half : best.validation),
      fmt::join(info_.tuning_cases, ", "), params_.keep, info_.best_epoch, info_.epochs);
  return {with_origins(std::move(info_), origins_), std::move(trained.weights)};
}

}  // namespace mito::train_cnn
