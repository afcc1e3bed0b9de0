#include "nodes/train_cnn/image_source.h"

#include <cmath>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::train_cnn {
namespace {

double um_to_px(double um) { return um / kAnalysisMpp; }

std::vector<Sample> spots(const Params& params, const std::vector<Image>& images) {
  return spot_negatives(images, params.spot_max_intensity, um_to_px(params.spot_spacing_um),
                        um_to_px(params.exclusion_um));
}

std::int64_t share(double fraction, std::int64_t of) {
  return std::llround(fraction * static_cast<double>(of));
}

}  // namespace

ImageSource::ImageSource(const Params& params,
                         std::vector<Image> training,
                         std::vector<Image> validation,
                         std::string name)
    : params_(params),
      training_(std::move(training)),
      validation_(std::move(validation)),
      name_(std::move(name)) {
  positives_ = train_cnn::positives(training_);
  validation_positives_ = train_cnn::positives(validation_);
  if (positives_.empty()) throw DataError("no mitosis is marked in the training images");
  if (validation_positives_.empty())
    throw DataError("no mitosis is marked in the validation images; see validation_cases");
  mining_pool_ = spots(params_, training_);
  if (mining_pool_.empty())
    throw DataError("the training images have no dark spots; raise spot_max_intensity");
  RandomStream random(static_cast<std::uint64_t>(params_.seed), name_ + "/validation", 0);
  validation_negatives_ = draw(spots(params_, validation_), params_.validation_negatives, random);
  if (validation_negatives_.empty()) throw DataError("the validation images have no dark spots");
  for (auto* list : {&validation_positives_, &validation_negatives_}) {
    for (auto& sample : *list) sample.image += static_cast<std::int32_t>(training_.size());
  }
}

SampleSource::Negatives ImageSource::negatives(std::int64_t phase,
                                               std::span<const double> scores) const {
  RandomStream random(static_cast<std::uint64_t>(params_.seed), name_ + "/negatives",
                      static_cast<std::uint64_t>(phase));
  const auto hard = scores.empty() ? 0 : share(params_.hard_fraction, params_.negatives);
  const auto uniform = share(params_.uniform_fraction, params_.negatives - hard);
  Negatives out{draw(mining_pool_, params_.negatives - hard - uniform, random), hard};
  const auto append = [&](const std::vector<Sample>& more) {
    out.samples.insert(out.samples.end(), more.begin(), more.end());
  };
  append(uniform_negatives(training_, uniform, um_to_px(params_.exclusion_um), random));
  if (hard > 0) append(draw_weighted(mining_pool_, scores, hard, random));
  return out;
}

const Image& ImageSource::image(const Sample& sample) const {
  const auto i = static_cast<std::size_t>(sample.image);
  return i < training_.size() ? training_[i] : validation_.at(i - training_.size());
}

nn::PixelView ImageSource::pixels(const Sample& sample) const { return image(sample).view(); }

std::string ImageSource::name(const Sample& sample) const {
  return fmt::format("{}({},{})", image(sample).name, sample.at.x, sample.at.y);
}

}  // namespace mito::train_cnn
