#pragma once
#include <span>
#include <string>
#include <vector>

#include "nodes/train_cnn/params.h"
#include "nodes/train_cnn/source.h"

namespace mito::train_cnn {

/// Images in which every mitosis is marked: the positives are the mitoses, the negatives are drawn
/// among dark spots and anywhere on tissue, and after a mining where the network errs (METHODS 7.8,
/// 8.1).
class ImageSource final : public SampleSource {
 public:
  /// `name` names the random streams. Throws DataError when mitoses or dark spots are absent.
  ImageSource(const Params& params,
              std::vector<Image> training,
              std::vector<Image> validation,
              std::string name);

  Negatives negatives(std::int64_t phase, std::span<const double> scores) const override;
  std::int64_t negatives_per_epoch() const override { return params_.negatives; }
  nn::PixelView pixels(const Sample& sample) const override;
  std::string name(const Sample& sample) const override;

  const std::vector<Image>& validation() const { return validation_; }

 private:
  const Image& image(const Sample& sample) const;

  const Params params_;
  const std::vector<Image> training_;
  const std::vector<Image> validation_;  ///< Their samples are numbered after the training images.
  const std::string name_;
};

}  // namespace mito::train_cnn
