#include "nodes/slides/stain/wsics_samples.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/image/morphology.h"
#include "engine/stats/percentile.h"
#include "nodes/slides/stain/nearest.h"

namespace mito::stain {
namespace {

constexpr int kBlack = 5;
constexpr std::size_t kColours = 1U << 24U;

// Labels in the order of their densities, so that a median of labels makes sense.
enum Label : std::uint8_t { Glass = 0, Eosin = 1, Haematoxylin = 2, Unknown = 3 };

std::uint32_t packed(const Rgb8& c) {
  return (std::uint32_t{c[0]} << 16U) | (std::uint32_t{c[1]} << 8U) | c[2];
}

Rgb8 unpacked(std::uint32_t c) {
  return {static_cast<std::uint8_t>(c >> 16U), static_cast<std::uint8_t>(c >> 8U),
          static_cast<std::uint8_t>(c)};
}

double percentile(std::vector<double> values, double percent) {
  return stats::percentile(std::move(values), percent).value();
}

struct CountedColour {
  std::uint32_t colour = 0;
  std::array<std::int64_t, 2> count{};  ///< Samples of eosin and haematoxylin.
};

/// The colours of two classes of samples, each once, in order.
std::vector<CountedColour> counted(std::span<const Rgb8> eosin,
                                   std::span<const Rgb8> haematoxylin) {
  std::vector<std::uint32_t> keys;
  keys.reserve(eosin.size() + haematoxylin.size());
  for (const Rgb8& c : eosin) keys.push_back(2 * packed(c));
  for (const Rgb8& c : haematoxylin) keys.push_back(2 * packed(c) + 1);
  std::sort(keys.begin(), keys.end());
  std::vector<CountedColour> out;
  for (const std::uint32_t key : keys) {
    if (out.empty() || out.back().colour != key / 2) out.push_back({key / 2, {}});
    ++out.back().count[key % 2];
  }
  return out;
}

/// One tile on its way through the steps.
class Sorter {
 public:
  Sorter(std::span<const std::uint8_t> rgb,
         std::int64_t width,
         std::int64_t height,
         double mpp,
         const SampleOptions& options)
      : width_(width), height_(height), mpp_(mpp), options_(options) {
    const auto n = static_cast<std::size_t>(width * height);
    if (rgb.size() != 3 * n) throw DataError("the pixels do not fill the tile");
    colours_.resize(n);
    for (std::size_t i = 0; i < n; ++i) colours_[i] = {rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]};
  }

  /// Why the tile cannot be used, or empty.
  std::string sort(TileSamples& out, RandomStream& random) {
    find_background();
    if (ink_ >= options_.max_ink_px)
      return fmt::format("{} pixels of ink (from {} on)", ink_, options_.max_ink_px);
    const auto nuclei = find_nuclei(densities_, width_, height_, mpp_, options_.nuclei);
    out.nuclei = static_cast<std::int64_t>(nuclei.size());
    const double area = static_cast<double>(width_ * height_) * mpp_ * mpp_;
    const double needed = options_.min_nuclei_per_um2 * area;
    if (static_cast<double>(nuclei.size()) < needed || nuclei.empty())
      return fmt::format("{} nuclei, {:.0f} are needed in {:.0f} um2 (min_nuclei_per_mm2)",
                         nuclei.size(), std::max(1.0, std::ceil(needed)), area);
    const auto owner = cover(nuclei, width_, height_);
    choose_haematoxylin(owner, nuclei.size());
    out.haematoxylin = static_cast<std::int64_t>(haematoxylin_.size());
    choose_eosin(owner, random);
    out.eosin = static_cast<std::int64_t>(eosin_.size());
    if (std::min(out.haematoxylin, out.eosin) < options_.min_class_px)
      return fmt::format(
          "{} samples of haematoxylin and {} of eosin, {} are needed of each "
          "(half of min_training)",
          out.haematoxylin, out.eosin, options_.min_class_px);
    label_others();
    collect(out, random);
    return "";
  }

 private:
  Triple density(std::size_t i) const { return optical_density(colours_[i]); }

  void find_background() {
    labels_.assign(colours_.size(), Unknown);
    densities_.resize(colours_.size());
    for (std::size_t i = 0; i < colours_.size(); ++i) {
      const Triple d = density(i);
      const double mean = (d[0] + d[1] + d[2]) / 3;
      densities_[i] = static_cast<float>(mean);
      const double channel = options_.background_channel_density;
      const bool pale = mean <= options_.background_density && d[0] <= channel && d[1] <= channel &&
                        d[2] <= channel;
      if (pale || mean > options_.black_density) labels_[i] = Glass;
      if (d[1] > options_.ink_green_density && d[0] - d[1] > options_.ink_red_over_green) ++ink_;
    }
  }

  void choose_haematoxylin(const std::vector<std::int32_t>& owner, std::size_t nuclei) {
    std::vector<double> mean(nuclei);
    std::vector<double> red(nuclei);
    std::vector<double> count(nuclei);
    for (std::size_t i = 0; i < owner.size(); ++i) {
      if (owner[i] == 0) continue;
      const auto n = static_cast<std::size_t>(owner[i] - 1);
      mean[n] += static_cast<double>(densities_[i]);
      red[n] += density(i)[0];
      count[n] += 1;
    }
    std::vector<double> seen_mean;
    std::vector<double> seen_red;
    for (std::size_t n = 0; n < nuclei; ++n) {
      if (count[n] == 0) continue;  // wholly below others
      mean[n] /= count[n];
      red[n] /= count[n];
      seen_mean.push_back(mean[n]);
      seen_red.push_back(red[n]);
    }
    if (seen_mean.empty()) return;
    const double palest = percentile(std::move(seen_mean), options_.pale_nuclei_percent);
    const double threshold = percentile(std::move(seen_red), options_.red_nuclei_percent);
    for (std::size_t i = 0; i < owner.size(); ++i) {
      if (owner[i] == 0 || labels_[i] == Glass) continue;
      const auto n = static_cast<std::size_t>(owner[i] - 1);
      if (mean[n] < palest || red[n] < threshold || density(i)[0] < threshold) continue;
      labels_[i] = Haematoxylin;
      haematoxylin_.push_back(colours_[i]);
    }
  }

  void choose_eosin(const std::vector<std::int32_t>& owner, RandomStream& random) {
    std::array<std::int64_t, 256> histogram{};
    for (std::size_t i = 0; i < owner.size(); ++i)
      if (owner[i] == 0 && labels_[i] == Unknown) ++histogram[colours_[i][0]];
    std::vector<double> red;
    for (std::size_t v = 0; v < histogram.size(); ++v)
      red.insert(red.end(), static_cast<std::size_t>(histogram[v]),
                 optical_density({static_cast<std::uint8_t>(v), 0, 0})[0]);
    if (red.empty()) return;
    const double threshold = percentile(std::move(red), options_.eosin_percent);
    std::vector<Rgb8> all;
    for (std::size_t i = 0; i < owner.size(); ++i) {
      if (owner[i] != 0 || labels_[i] != Unknown || density(i)[0] > threshold) continue;
      labels_[i] = Eosin;
      all.push_back(colours_[i]);
    }
    eosin_ = random_subset(all, haematoxylin_.size(), random);
    // Those that were not drawn are, like all others, for the neighbours to say.
    for (std::size_t i = 0; i < owner.size(); ++i)
      if (labels_[i] == Eosin) labels_[i] = Unknown;
  }

  /// k-NN on z-scored (cx, cy, D). The class of a pixel depends on its colour only, so every colour
  /// is looked up once.
  void label_others() {
    const auto counts = counted(eosin_, haematoxylin_);
    const auto n = static_cast<double>(eosin_.size() + haematoxylin_.size());
    std::array<double, 3> mean{};
    std::array<double, 3> sd{};
    const auto features = [](std::uint32_t colour) {
      const Hsd hsd = to_hsd(unpacked(colour));
      return std::array{hsd.cx, hsd.cy, hsd.density};
    };
    for (const auto& [colour, count] : counts) {
      const auto f = features(colour);
      for (std::size_t i = 0; i < 3; ++i)
        mean[i] += f[i] * static_cast<double>(count[0] + count[1]) / n;
    }
    for (const auto& [colour, count] : counts) {
      const auto f = features(colour);
      for (std::size_t i = 0; i < 3; ++i)
        sd[i] += (f[i] - mean[i]) * (f[i] - mean[i]) * static_cast<double>(count[0] + count[1]) / n;
    }
    for (double& s : sd) s = s > 0 ? std::sqrt(s) : 1;
    const auto scored = [&](std::uint32_t colour) {
      auto f = features(colour);
      for (std::size_t i = 0; i < 3; ++i) f[i] = (f[i] - mean[i]) / sd[i];
      return f;
    };
    std::vector<CountedPoint> points;
    points.reserve(counts.size());
    for (const auto& [colour, count] : counts) points.push_back({scored(colour), count});
    const NearestCounts nearest(std::move(points), options_.neighbours);

    std::vector<std::uint8_t> known(kColours, Unknown);
    for (std::size_t i = 0; i < colours_.size(); ++i) {
      if (labels_[i] != Unknown) continue;
      const std::uint32_t colour = packed(colours_[i]);
      if (known[colour] == Unknown)
        known[colour] = nearest.vote(scored(colour)) == 1 ? Haematoxylin : Eosin;
      labels_[i] = known[colour];
    }
    labels_ = image::median3({width_, height_, std::move(labels_)}).pixels;
  }

  /// A random half of the pixels of each class.
  void collect(TileSamples& out, RandomStream& random) const {
    const std::array<Label, 3> order{Haematoxylin, Eosin, Glass};
    for (std::size_t c = 0; c < order.size(); ++c) {
      std::vector<Rgb8> all;
      for (std::size_t i = 0; i < colours_.size(); ++i)
        if (labels_[i] == order[c]) all.push_back(colours_[i]);
      out.pixels[c] = random_subset(all, all.size() / 2, random);
    }
  }

  std::int64_t width_;
  std::int64_t height_;
  double mpp_;
  const SampleOptions& options_;
  std::vector<Rgb8> colours_;
  std::vector<float> densities_;
  std::vector<std::uint8_t> labels_;
  std::vector<Rgb8> haematoxylin_;
  std::vector<Rgb8> eosin_;
  std::int64_t ink_ = 0;
};

}  // namespace

TileSamples sample_tile(std::span<const std::uint8_t> rgb,
                        std::int64_t width,
                        std::int64_t height,
                        double mpp,
                        const SampleOptions& options,
                        RandomStream& random) {
  TileSamples out;
  out.skipped = Sorter(rgb, width, height, mpp, options).sort(out, random);
  return out;
}

std::vector<Rgb8> random_subset(std::span<const Rgb8> values,
                                std::size_t count,
                                RandomStream& random) {
  count = std::min(count, values.size());
  std::vector<Rgb8> out;
  out.reserve(count);
  for (std::size_t i = 0; i < values.size() && out.size() < count; ++i) {
    const auto left = static_cast<double>(values.size() - i);
    if (random.uniform() * left < static_cast<double>(count - out.size())) out.push_back(values[i]);
  }
  return out;
}

double empty_share(std::span<const std::uint8_t> rgb, int white) {
  std::size_t empty = 0;
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    const auto [low, high] = std::minmax({rgb[i], rgb[i + 1], rgb[i + 2]});
    if (low > white || high <= kBlack) ++empty;
  }
  return rgb.empty() ? 1 : 3 * static_cast<double>(empty) / static_cast<double>(rgb.size());
}

}  // namespace mito::stain
