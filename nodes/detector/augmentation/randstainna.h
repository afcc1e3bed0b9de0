#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/payload.h"
#include "engine/core/random.h"
#include "engine/core/record.h"

namespace mito::image {

/// How one channel of a colour space varies over patches.
struct ChannelStatistics {
  double mean_of_means = 0;
  double sd_of_means = 0;
  double mean_of_sds = 0;
  double sd_of_sds = 0;
  bool operator==(const ChannelStatistics&) const = default;
};

/// The colour spaces of RandStainNA, in the order in which they are stored and drawn: CIE L a b
/// (D65); HSV with values in [0, 1]; HED with -ln(max(v, 1/255)) times the inverse of the unit
/// rows.
inline constexpr std::array<std::string_view, 3> kStainSpaces{"LAB", "HSV", "HED"};

/// What RandStainNA needs to know of the training patches: [space][channel].
struct StainStatistics {
  std::array<std::array<ChannelStatistics, 3>, 3> of{};
  std::int64_t patches = 0;
  bool operator==(const StainStatistics&) const = default;

  /// 36 numbers: space by space, channel by channel, in the order of ChannelStatistics.
  std::vector<double> numbers() const;
  /// Throws DataError when there are not 36, or one is no number.
  static StainStatistics from(std::span<const double> numbers);
};

/// Collects the statistics of patches; [3][pixel] in [0, 1] each.
class StainStatisticsFit {
 public:
  void add(std::span<const float> planes);
  /// Standard deviations are those of the population. Throws DataError when nothing was added.
  StainStatistics finish() const;

 private:
  struct Sums {
    double mean = 0, mean2 = 0, sd = 0, sd2 = 0;
  };
  std::array<std::array<Sums, 3>, 3> sums_{};
  std::int64_t patches_ = 0;
};

/// What one patch is changed to: in which space, and the mean and standard deviation per channel.
struct StainTarget {
  std::size_t space = 0;
  std::array<double, 3> mean{};
  std::array<double, 3> sd{};
};

/// RandStainNA (method 14): a space, uniform; then for each channel a mean from the normal
/// distribution of the means; then for each a standard deviation from that of the deviations, at
/// least 1e-3. Draws below(3), then six normal().
StainTarget draw_stain_target(const StainStatistics& statistics, RandomStream& random);

/// Reinhard's map to the target, [3][pixel] in place, clipped to [0, 1]. Throws DataError when the
/// planes differ in size or there is no such space.
void restain(std::span<float> planes, const StainTarget& target);

}  // namespace mito::image

namespace mito {

template <>
struct Payload<image::StainStatistics> {
  static constexpr TypeDesc kDesc{"StainStatistics", 1};
};
template <>
struct Codec<image::StainStatistics> {
  static Record encode(const image::StainStatistics& statistics);
  static image::StainStatistics decode(const Record& record);
};

}  // namespace mito
