#include "nodes/detector/augmentation/randstainna.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/image/hed.h"
#include "engine/image/kernels.h"

namespace mito::image {
namespace {

constexpr double kSmallestSd = 1e-3;
constexpr float kDarkest = 1.0F / 255.0F;
constexpr std::size_t kNumbers = 36;

kernels::Matrix narrow(const Mat3& m) {
  kernels::Matrix out{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) out[i][j] = static_cast<float>(m[i][j]);
  return out;
}

struct Moments {
  double mean;
  double sd;
};

Moments moments(const float* values, std::size_t n) {
  const double mean = kernels::sum(values, n) / static_cast<double>(n);
  return {mean, std::sqrt(kernels::sum_of_squares(values, n, mean) / static_cast<double>(n))};
}

void to_space(std::size_t space, std::size_t n, float* a, float* b, float* c) {
  static const kernels::Matrix kInverse = narrow(inverse(hed_rows()));
  if (space == 0) return kernels::rgb_to_lab(n, a, b, c);
  if (space == 1) return kernels::rgb_to_hsv(n, a, b, c);
  kernels::rgb_to_stain(kInverse, kDarkest, n, a, b, c);
}

void from_space(std::size_t space, std::size_t n, float* a, float* b, float* c) {
  static const kernels::Matrix kRows = narrow(hed_rows());
  if (space == 0) return kernels::lab_to_rgb(n, a, b, c);
  if (space == 1) return kernels::hsv_to_rgb(n, a, b, c);
  kernels::stain_to_rgb(kRows, n, a, b, c);
}

std::size_t pixels_of(std::span<const float> planes) {
  if (planes.empty() || planes.size() % 3 != 0)
    throw DataError("RandStainNA: expected three planes of one size, got " +
                    std::to_string(planes.size()) + " values");
  return planes.size() / 3;
}

}  // namespace

std::vector<double> StainStatistics::numbers() const {
  std::vector<double> out;
  for (const auto& space : of)
    for (const auto& c : space)
      out.insert(out.end(), {c.mean_of_means, c.sd_of_means, c.mean_of_sds, c.sd_of_sds});
  return out;
}

StainStatistics StainStatistics::from(std::span<const double> numbers) {
  if (numbers.size() != kNumbers)
    throw DataError("RandStainNA: the statistics are 36 numbers, got " +
                    std::to_string(numbers.size()));
  if (!std::ranges::all_of(numbers, [](double v) { return std::isfinite(v); }))
    throw DataError("RandStainNA: a statistic is not a number");
  StainStatistics out;
  std::size_t i = 0;
  for (auto& space : out.of) {
    for (auto& channel : space) {
      channel = {numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3]};
      i += 4;
    }
  }
  return out;
}

void StainStatisticsFit::add(std::span<const float> planes) {
  const std::size_t n = pixels_of(planes);
  for (std::size_t space = 0; space < kStainSpaces.size(); ++space) {
    std::vector<float> own(planes.begin(), planes.end());
    to_space(space, n, own.data(), own.data() + n, own.data() + 2 * n);
    for (std::size_t c = 0; c < 3; ++c) {
      const auto [mean, sd] = moments(own.data() + c * n, n);
      auto& sums = sums_[space][c];
      sums.mean += mean;
      sums.mean2 += mean * mean;
      sums.sd += sd;
      sums.sd2 += sd * sd;
    }
  }
  ++patches_;
}

StainStatistics StainStatisticsFit::finish() const {
  if (patches_ == 0) throw DataError("RandStainNA: there is no patch to learn from");
  const auto n = static_cast<double>(patches_);
  const auto spread = [n](double sum, double squares) {
    return std::sqrt(std::max(0.0, squares / n - (sum / n) * (sum / n)));
  };
  StainStatistics out;
  out.patches = patches_;
  for (std::size_t space = 0; space < out.of.size(); ++space) {
    for (std::size_t c = 0; c < 3; ++c) {
      const auto& s = sums_[space][c];
      out.of[space][c] = {s.mean / n, spread(s.mean, s.mean2), s.sd / n, spread(s.sd, s.sd2)};
    }
  }
  return out;
}

StainTarget draw_stain_target(const StainStatistics& statistics, RandomStream& random) {
  StainTarget out;
  out.space = random.below(static_cast<std::uint32_t>(kStainSpaces.size()));
  const auto& channels = statistics.of[out.space];
  for (std::size_t c = 0; c < 3; ++c)
    out.mean[c] = channels[c].mean_of_means + channels[c].sd_of_means * random.normal();
  for (std::size_t c = 0; c < 3; ++c)
    out.sd[c] =
        std::max(kSmallestSd, channels[c].mean_of_sds + channels[c].sd_of_sds * random.normal());
  return out;
}

void restain(std::span<float> planes, const StainTarget& target) {
  const std::size_t n = pixels_of(planes);
  if (target.space >= kStainSpaces.size()) throw DataError("RandStainNA: no such colour space");
  to_space(target.space, n, planes.data(), planes.data() + n, planes.data() + 2 * n);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto [mean, sd] = moments(planes.data() + c * n, n);
    const double gain = target.sd[c] / std::max(sd, kSmallestSd);
    kernels::scale(static_cast<float>(gain), static_cast<float>(target.mean[c] - gain * mean), n,
                   planes.data() + c * n);
  }
  from_space(target.space, n, planes.data(), planes.data() + n, planes.data() + 2 * n);
}

}  // namespace mito::image

namespace mito {

Record Codec<image::StainStatistics>::encode(const image::StainStatistics& statistics) {
  Record record;
  record.attributes["statistics"] = statistics.numbers();
  record.attributes["patches"] = statistics.patches;
  return record;
}

image::StainStatistics Codec<image::StainStatistics>::decode(const Record& record) {
  auto out = image::StainStatistics::from(record.numbers("statistics"));
  out.patches = record.integer("patches");
  return out;
}

}  // namespace mito
