#pragma once
#include <cmath>
#include <string>

#include "engine/core/random.h"
#include "nodes/train_cnn/image_source.h"
#include "nodes/train_cnn/train_cnn.h"

namespace mito::train_cnn {

inline void draw_disc(Image& image, const Position& at, double radius, std::uint8_t value) {
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < image.width; ++x) {
      if (std::hypot(static_cast<double>(x - at.x), static_cast<double>(y - at.y)) > radius)
        continue;
      for (std::int64_t c = 0; c < 3; ++c)
        image.rgb[static_cast<std::size_t>((y * image.width + x) * 3 + c)] = value;
    }
  }
}

/// Pale tissue of 400 x 400 px with a black mitosis and four dark grey nuclei.
inline Image frame(const std::string& name, std::int32_t shift = 0) {
  Image image{name, name, 400, 400, {}, {}};
  RandomStream random(1, name, 0);
  image.rgb.resize(400 * 400 * 3);
  for (auto& v : image.rgb) v = static_cast<std::uint8_t>(180 + random.below(20));
  for (const Position at : {Position{60, 60}, {340, 60}, {60, 340}, {340, 340}})
    draw_disc(image, at, 10, 90);
  const Position mitosis{200 + shift, 200};
  draw_disc(image, mitosis, 8, 10);
  image.mitoses.push_back(mitosis);
  return image;
}

inline std::vector<Image> frames(int count) {
  std::vector<Image> out;
  for (int i = 0; i < count; ++i) out.push_back(frame("frame" + std::to_string(i), 4 * i));
  return out;
}

/// The loop over such frames.
inline Trained run_on_frames(const Params& params,
                             const std::vector<Image>& training,
                             const std::vector<Image>& validation,
                             nn::Learner& learner,
                             const Hooks& hooks) {
  return run_epochs(params, ImageSource(params, training, validation, hooks.name), learner, hooks);
}

/// `count` patches of 128 px of each of the cases case0, case1, ...: noise with a dark disc (label
/// 1) or a paler one (label 0) in the middle, in turns.
inline LabelledPatches labelled_patches(int cases, int count) {
  LabelledPatches out;
  out.size = 128;
  RandomStream random(3, "patches", 0);
  for (int i = 0; i < cases * count; ++i) {
    Image patch{"", "", 128, 128, std::vector<std::uint8_t>(128 * 128 * 3), {}};
    for (auto& v : patch.rgb) v = static_cast<std::uint8_t>(180 + random.below(20));
    draw_disc(patch, {64, 64}, 8, i % 2 == 0 ? 10 : 120);
    out.rgb.insert(out.rgb.end(), patch.rgb.begin(), patch.rgb.end());
    out.labels.push_back(i % 2 == 0 ? 1 : 0);
    out.samples.push_back("patch" + std::to_string(i));
    out.cases.push_back("case" + std::to_string(i / count));
  }
  return out;
}

/// A short run over such patches: CNN1 and CNN2, narrow.
inline Params short_patch_run() {
  Params p;
  p.family = "cnn12";
  p.width_factor = 0.03125;
  p.augment = "PHH3";
  p.epochs = 3;
  p.batch = 8;
  p.validation_cases = {"case0"};
  p.checkpoint_s = 1e6;
  return p;
}

/// A short run over frames, with two minings.
inline Params short_run() {
  Params p;
  p.width_factor = 0.0625;
  p.epochs = 4;
  p.batch = 8;
  p.samples_per_epoch = 24;
  p.negatives = 20;
  p.mine_after_epochs = {1, 3};
  p.validation_cases = {"frame"};
  p.checkpoint_s = 1e6;
  return p;
}

}  // namespace mito::train_cnn
