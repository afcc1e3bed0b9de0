#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/image/augment.h"
#include "engine/nn/dense.h"
#include "engine/types/annotated_images.h"
#include "engine/types/geometry.h"

namespace mito::train_cnn {

/// A pixel of the analysis grid of an image.
struct Position {
  std::int32_t x = 0;
  std::int32_t y = 0;
  bool operator==(const Position&) const = default;
};

/// An image in memory, on the analysis grid.
struct Image {
  std::string name;
  std::string case_id;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<std::uint8_t> rgb;  ///< [height][width][3]
  std::vector<Position> mitoses;

  nn::PixelView view() const { return {{0, 0, width, height}, rgb}; }
};

/// One training sample: the patch around a position.
struct Sample {
  std::int32_t image = 0;
  Position at;
  bool operator==(const Sample&) const = default;
};

/// Reads every image of `data` onto the analysis grid. Throws DataError when an image cannot be
/// read, a point lies outside its image, or the pixels exceed `memory_mib`; Interrupted when `stop`
/// says so.
std::vector<Image> read_images(const AnnotatedImages& data,
                               double memory_mib,
                               const std::function<bool()>& stop);

/// Dark spots of the size of a nucleus: centres of 4 px blocks in order of the mean intensity of
/// the 12 px square about them, darkest first (ties: y, x), up to `max_intensity` in [0, 1], each
/// at least `spacing_px` from the ones before. They are where a mitosis might be.
std::vector<Position> dark_spots(const Image& image, double max_intensity, double spacing_px);

/// Is `at` further than `distance_px` from every mitosis of the image?
bool far_from_mitoses(const Image& image, const Position& at, double distance_px);

/// One sample per marked mitosis, in order.
std::vector<Sample> positives(const std::vector<Image>& images);

/// Every dark spot far from mitoses, image by image.
std::vector<Sample> spot_negatives(const std::vector<Image>& images,
                                   double max_intensity,
                                   double spacing_px,
                                   double exclusion_px);

/// `count` positions, uniform over the images and their pixels, far from mitoses and not on glass
/// (mean intensity of the 9 x 9 px about it below 0.85). Throws DataError when hardly any position
/// qualifies.
std::vector<Sample> uniform_negatives(const std::vector<Image>& images,
                                      std::int64_t count,
                                      double exclusion_px,
                                      RandomStream& random);

/// `count` of `pool` without replacement (all, shuffled, when there are fewer).
std::vector<Sample> draw(const std::vector<Sample>& pool, std::int64_t count, RandomStream& random);

/// `count` of `pool` with replacement, each with probability weight / sum (METHODS 8.1).
std::vector<Sample> draw_weighted(const std::vector<Sample>& pool,
                                  std::span<const double> weights,
                                  std::int64_t count,
                                  RandomStream& random);

/// The plain patch of evaluation: float RGB [3][100][100], the object `at` in (50, 50).
void plain_patch(const nn::PixelView& pixels, const Position& at, std::span<float> out);

/// The same, augmented: cut out with 128 px around the object first (METHODS 6.1).
void augmented_patch(const nn::PixelView& pixels,
                     const Position& at,
                     const image::Augmentation& augmentation,
                     RandomStream& random,
                     std::span<float> out);

/// Highest F1 of "score >= threshold means mitosis", and the highest threshold that reaches it.
struct BestF1 {
  double f1 = 0;
  double threshold = 1;
  double precision = 0;
  double recall = 0;
};
/// Throws DataError when a class is absent (METHODS 7.10).
BestF1 best_f1(std::span<const float> positive_scores, std::span<const float> negative_scores);

/// The same measures at a given threshold.
BestF1 f1_at(double threshold,
             std::span<const float> positive_scores,
             std::span<const float> negative_scores);

}  // namespace mito::train_cnn
