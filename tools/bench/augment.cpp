#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/image/hed.h"
#include "engine/image/noise.h"
#include "nodes/detector/augmentation/augmentation.h"
#include "tools/bench/bench_commands.h"

namespace mito::bench {
namespace {

using image::Augmentation;

constexpr int kPatches = 16;
constexpr auto kBytes = std::size_t{3} * image::kPatchSize * image::kPatchSize;

/// Patches in the colours of H&E, of smooth noise: what is in them changes no time.
std::vector<std::vector<std::uint8_t>> drawn_patches() {
  const image::StainTransform stain(image::hed_rows(), image::StainConvention::physical());
  const image::Noise haematoxylin(1, 0, 3);
  const image::Noise eosin(1, 1, 8);
  std::vector<std::vector<std::uint8_t>> out;
  for (int i = 0; i < kPatches; ++i) {
    const Rect area{std::int64_t{i} * image::kPatchSize, 0, image::kPatchSize, image::kPatchSize};
    const auto h = haematoxylin.fill(area, kAnalysisMpp);
    const auto e = eosin.fill(area, kAnalysisMpp);
    std::vector<float> amounts;
    for (std::size_t k = 0; k < h.size(); ++k) amounts.insert(amounts.end(), {h[k], e[k], 0.0F});
    out.emplace_back(kBytes);
    stain.to_rgb(amounts, out.back());
  }
  return out;
}

image::StainStatistics statistics_of(const std::vector<std::vector<std::uint8_t>>& patches) {
  image::StainStatisticsFit fit;
  std::vector<float> planes(kBytes);
  for (const auto& patch : patches) {
    for (std::size_t i = 0; i < kBytes; ++i)
      planes[(i % 3) * (kBytes / 3) + i / 3] = static_cast<float>(patch[i]) / 255.0F;
    fit.add(planes);
  }
  return fit.finish();
}

Timed augmenting(std::string name,
                 const Augmentation& what,
                 const std::vector<std::vector<std::uint8_t>>& patches) {
  auto augmenter = std::make_shared<image::Augmenter>(what);
  auto out =
      std::make_shared<std::vector<float>>(std::size_t{3} * image::kCropSize * image::kCropSize);
  return timed(std::move(name), [augmenter, out, &patches, i = 0]() mutable {
    RandomStream random(1, "bench", static_cast<std::uint64_t>(i));
    augmenter->run(patches[static_cast<std::size_t>(i++ % kPatches)], random, *out);
  });
}

}  // namespace

void measure_augment(double seconds) {
  const auto patches = drawn_patches();
  const auto statistics = statistics_of(patches);
  const Augmentation all = image::augmentation("RCSEHBG");
  fmt::print("{}; one thread; patches of {} px to {} px, from 8-bit pixels\n", processor(),
             image::kPatchSize, image::kCropSize);

  std::vector<Timed> operators{augmenting("none", {}, patches)};
  operators.push_back(augmenting("R", {.rotate = all.rotate}, patches));
  operators.push_back(augmenting("S", {.zoom = all.zoom}, patches));
  operators.push_back(augmenting("E", {.elastic = all.elastic}, patches));
  operators.push_back(augmenting("C", {.stain = all.stain}, patches));
  operators.push_back(
      augmenting("RandStainNA", {.randstainna = Augmentation::RandStainNa{statistics}}, patches));
  operators.push_back(augmenting("H", {.enhance = all.enhance}, patches));
  operators.push_back(augmenting("B", {.blur = all.blur}, patches));
  operators.push_back(augmenting("T", {.shift = all.shift}, patches));
  operators.push_back(augmenting("G", {.noise = all.noise}, patches));
  operators.push_back(augmenting("JPEG", {.jpeg = Augmentation::Jpeg{}}, patches));
  operators.push_back(
      augmenting("R continuous", {.rotate = Augmentation::Rotate{.continuous = true}}, patches));
  fmt::print("\nEach operator alone (with the crop, as 'none')\n");
  measure(operators, seconds, "patches/s per core");

  std::vector<Timed> presets;
  for (const auto name : image::kAugmentations) {
    auto what = image::augmentation(name);
    if (what.randstainna) what.randstainna->statistics = statistics;
    presets.push_back(augmenting(std::string(name), what, patches));
  }
  fmt::print("\nWhole chains\n");
  measure(presets, seconds, "patches/s per core");
}

}  // namespace mito::bench
