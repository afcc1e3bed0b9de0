#pragma once
#include <cmath>
#include <string>

#include "engine/core/random.h"
#include "engine/types/training.h"
#include "nodes/detector/training/plain_patches.h"

namespace mito::nn {

/// `count` patches of 128 px of each of the cases PREFIX0, PREFIX1, ...: noise with a dark disc
/// (label 1) or a paler one (label 0) in the middle, in turns. They need no slides.
inline PatchSet drawn_patches(const std::string& prefix, int cases, int count) {
  constexpr std::int64_t kSide = 128;
  PatchSet set;
  set.size_px = kSide;
  set.seed = 5;
  RandomStream random(3, prefix, 0);
  for (int i = 0; i < cases; ++i) {
    const auto name = prefix + std::to_string(i);
    set.slides.push_back({"slide_" + name, "identity_" + name, name, CaseSet::Training});
  }
  for (int i = 0; i < cases * count; ++i) {
    const bool positive = i % 2 == 0;
    for (std::int64_t y = 0; y < kSide; ++y) {
      for (std::int64_t x = 0; x < kSide; ++x) {
        const double r = std::hypot(static_cast<double>(x - 64), static_cast<double>(y - 64));
        for (int c = 0; c < 3; ++c) {
          const auto tissue = static_cast<std::uint8_t>(180 + random.below(20));
          set.rgb.push_back(r > 8 ? tissue : positive ? 10 : 120);
        }
      }
    }
    set.slide.push_back(static_cast<std::uint32_t>(i / count));
    set.at.push_back({i, 100 + i});
    set.label.push_back(positive ? 1 : 0);
    set.in_pool.push_back(-1);
  }
  return set;
}

/// Batch `index` of `epochs` epochs of `batches`: `size` plain patches of the set in turn.
inline TrainingBatch drawn_batch(const PatchSet& set,
                                 const BatchPlace& shape,
                                 std::uint32_t index,
                                 std::size_t size) {
  constexpr std::size_t kNumbers = std::size_t{3 * kPatch * kPatch};
  const PlainPatches plain(set, nullptr, 1, [] { return false; });
  TrainingBatch out;
  out.place = shape;
  out.place.epoch = index / shape.batches;
  out.place.batch = index % shape.batches;
  out.patches.resize(size * kNumbers);
  for (std::size_t i = 0; i < size; ++i) {
    const auto patch = (static_cast<std::size_t>(index) * size + i) % set.count();
    out.patch.push_back(static_cast<std::uint32_t>(patch));
    out.sample.push_back(static_cast<std::uint64_t>(out.place.batch) * size + i);
    out.target.push_back(set.label[patch] != 0 ? 1.0F : 0.0F);
    plain.get(patch, std::span(out.patches).subspan(i * kNumbers, kNumbers));
  }
  return out;
}

}  // namespace mito::nn
