#include "engine/nn/plain_patches.h"

#include <algorithm>
#include <set>
#include <utility>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"

namespace mito::nn {
namespace {

constexpr auto kPatchBytes = std::size_t{3 * kPatch * kPatch};
constexpr double kMebibyte = 1048576.0;

PixelView view(std::span<const std::uint8_t> rgb, std::int64_t size) {
  return {{0, 0, size, size}, rgb};
}

}  // namespace

void check(const PatchSet& set, std::string_view what) {
  const auto n = set.count();
  if (set.slide.size() != n || set.at.size() != n ||
      (!set.in_pool.empty() && set.in_pool.size() != n))
    throw DataError(fmt::format(
        "the {} patches contradict themselves: {} labels, {} slides, {} positions, {} pool entries",
        what, n, set.slide.size(), set.at.size(), set.in_pool.size()));
  if (!set.rgb.empty()) {
    const auto side = static_cast<std::size_t>(set.size_px);
    if (set.size_px < kPatch || set.rgb.size() != 3 * side * side * n)
      throw DataError(
          fmt::format("the {} patches contradict themselves: {} bytes are not {} patches of {} px "
                      "(at least {} px are needed)",
                      what, set.rgb.size(), n, set.size_px, kPatch));
  }
  for (const auto slide : set.slide) {
    if (slide >= set.slides.size())
      throw DataError(fmt::format("the {} patches name slide {}, but there are {}", what, slide,
                                  set.slides.size()));
  }
  for (const int label : {1, 0}) {
    if (std::ranges::count(set.label, label) == 0)
      throw DataError(
          fmt::format("the {} patches hold none with label {} ({}): both classes are "
                      "needed",
                      what, label, label == 1 ? "mitosis" : "not a mitosis"));
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (set.label[i] > 1)
      throw DataError(fmt::format("{} patch {} has label {}, expected 0 or 1", what,
                                  patch_name(set, i), set.label[i]));
  }
}

std::vector<std::string> cases_of(const PatchSet& set) {
  std::set<std::string> cases;
  for (const auto slide : set.slide) cases.insert(set.slides.at(slide).case_id);
  return {cases.begin(), cases.end()};
}

std::string patch_name(const PatchSet& set, std::size_t patch) {
  if (patch >= set.count()) return fmt::format("patch {} of {}", patch, set.count());
  return fmt::format("{}({},{})", set.slides.at(set.slide.at(patch)).name, set.at.at(patch).x,
                     set.at.at(patch).y);
}

PlainPatches::PlainPatches(PatchSet set,
                           const SlideCollection* slides,
                           double memory_mib,
                           const std::function<bool()>& stop)
    : set_(std::move(set)) {
  if (slides != nullptr) slides_ = *slides;
  if (set_.rgb.empty() && !slides_)
    throw DataError("these patches are read from slides: connect the input 'slides'");
  const auto pixels = std::exchange(set_.rgb, {});
  // Pixels that are here already take no more room when they are cut.
  const auto room = static_cast<std::size_t>(memory_mib * kMebibyte) / kPatchBytes;
  const auto kept = pixels.empty() ? std::min(count(), room) : count();
  kept_.reserve(kept * kPatchBytes);
  for (std::size_t i = 0; i < kept; ++i) {
    if (stop()) throw Interrupted("stopped while cutting patches");
    std::vector<std::uint8_t> rgb;
    if (pixels.empty()) {
      rgb = read(i);
    } else {
      const auto bytes = pixels.size() / count();
      const auto middle = set_.size_px / 2 - kObjectOffset;
      rgb = cut(view(std::span(pixels).subspan(i * bytes, bytes), set_.size_px),
                {middle, middle, kPatch, kPatch});
    }
    kept_.insert(kept_.end(), rgb.begin(), rgb.end());
  }
}

std::vector<std::uint8_t> PlainPatches::read(std::size_t patch) const {
  const auto& from = set_.slides.at(set_.slide[patch]);
  const Slide& slide = slides_->at(from.identity, from.name);
  const auto& at = set_.at[patch];
  return slide.read(slide.analysis_grid(),
                    {at.x - kObjectOffset, at.y - kObjectOffset, kPatch, kPatch});
}

void PlainPatches::get(std::size_t patch, std::span<float> out) const {
  if (patch < kept_.size() / kPatchBytes) {
    const auto rgb = std::span(kept_).subspan(patch * kPatchBytes, kPatchBytes);
    cut_patch(view(rgb, kPatch), kObjectOffset, kObjectOffset, out);
  } else {
    const auto rgb = read(patch);
    cut_patch(view(rgb, kPatch), kObjectOffset, kObjectOffset, out);
  }
}

std::vector<float> patch_probabilities(const Network& network,
                                       const PlainPatches& patches,
                                       const std::function<bool()>& stop) {
  constexpr std::size_t kChunk = 64;
  std::vector<float> out(patches.count());
  const auto evaluate = [&](std::size_t first) {
    if (stop()) throw Interrupted("stopped while evaluating patches");
    const auto n = std::min(kChunk, patches.count() - first);
    std::vector<float> chunk(n * kPatchBytes);
    for (std::size_t i = 0; i < n; ++i)
      patches.get(first + i, std::span(chunk).subspan(i * kPatchBytes, kPatchBytes));
    const auto values = patch_probabilities(network, chunk, static_cast<std::int64_t>(n));
    std::ranges::copy(values, out.begin() + static_cast<std::ptrdiff_t>(first));
  };
  // Isolated: a thread that waits here must not pick up a node of the graph.
  oneapi::tbb::this_task_arena::isolate(
      [&] { oneapi::tbb::parallel_for(std::size_t{0}, patches.count(), kChunk, evaluate); });
  return out;
}

}  // namespace mito::nn
