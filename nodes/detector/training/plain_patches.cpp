#include "nodes/detector/training/plain_patches.h"

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
constexpr std::size_t kFiledAtOnce = 4096;  // 117 MiB

/// Calls `body` with the first and the number of every 64 of `count`, on the threads that are
/// there. Isolated: a thread that waits here must not pick up a node of the graph (ADR 0011).
template <class F>
void in_chunks(std::size_t count, const F& body) {
  constexpr std::size_t kChunk = 64;
  oneapi::tbb::this_task_arena::isolate([&] {
    oneapi::tbb::parallel_for(std::size_t{0}, count, kChunk, [&](std::size_t first) {
      body(first, std::min(kChunk, count - first));
    });
  });
}

/// Patches from `first` on, as many as `rgb` holds.
void read_all(const PatchReader& reader,
              std::size_t first,
              std::span<std::uint8_t> rgb,
              const std::function<bool()>& stop) {
  in_chunks(rgb.size() / kPatchBytes, [&](std::size_t begin, std::size_t n) {
    if (stop()) throw Interrupted("stopped while reading patches");
    for (std::size_t i = begin; i < begin + n; ++i)
      reader.read(first + i, rgb.subspan(i * kPatchBytes, kPatchBytes));
  });
}

}  // namespace

void check_classes(const PatchSet& set, std::string_view what) {
  for (const int label : {1, 0}) {
    if (std::ranges::count(set.label, label) == 0)
      throw DataError(
          fmt::format("the {} patches hold none with label {} ({}): both classes are "
                      "needed",
                      what, label, label == 1 ? "mitosis" : "not a mitosis"));
  }
  for (std::size_t i = 0; i < set.count(); ++i) {
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

SeenFiles images_of(const PatchSet& set, const SlideCollection* slides) {
  const std::set<std::uint32_t> used(set.slide.begin(), set.slide.end());
  std::vector<SeenFile> files;
  for (const auto i : used) {
    const auto& slide = set.slides.at(i);
    const auto content = content_of_identity(slide.identity);
    if (content.empty()) continue;
    const auto* opened = slides == nullptr ? nullptr : slides->find(slide.identity);
    files.push_back({content, opened == nullptr ? 0 : file_bytes(opened->info().path), slide.name,
                     slide.case_id});
  }
  const bool all = files.size() == used.size();
  return seen_files(std::move(files),
                    all ? "" : "patches that brought their own pixels name no image");
}

std::vector<MeasuredImage> measured_images(const PatchSet& set) {
  const std::set<std::uint32_t> used(set.slide.begin(), set.slide.end());
  std::vector<MeasuredImage> out;
  for (const auto i : used) {
    const auto& slide = set.slides.at(i);
    out.push_back({slide.name, slide.case_id, content_of_identity(slide.identity)});
  }
  return out;
}

std::string patch_name(const PatchSet& set, std::size_t patch) {
  if (patch >= set.count()) return fmt::format("patch {} of {}", patch, set.count());
  return fmt::format("{}({},{})", set.slides.at(set.slide.at(patch)).name, set.at.at(patch).x,
                     set.at.at(patch).y);
}

PlainPatches::PlainPatches(PatchSet set,
                           const SlideCollection* slides,
                           double memory_mib,
                           const std::function<bool()>& stop,
                           const std::filesystem::path& scratch)
    : set_(std::make_shared<const PatchSet>(std::move(set))),
      images_(images_of(*set_, slides)),
      reader_(*set_, slides, kPatch) {
  if (!set_->rgb.empty()) return;  // they are in memory already
  const auto room = static_cast<std::size_t>(memory_mib * kMebibyte) / kPatchBytes;
  const auto kept = std::min(count(), room);
  kept_.resize(kept * kPatchBytes);
  read_all(reader_, 0, kept_, stop);
  if (kept == count() || scratch.empty()) return;
  const auto path = scratch / "validation.h5";
  const store::PatchFileInfo info{fmt::format("{} from {}", content_digest(*set_), kept),
                                  count() - kept, kPatch};
  filed_ = store::PatchFile::made(path, info, [&](store::PatchFileWriter& writer) {
    std::vector<std::uint8_t> some;
    for (std::size_t first = kept; first < count(); first += kFiledAtOnce) {
      some.resize(std::min(kFiledAtOnce, count() - first) * kPatchBytes);
      read_all(reader_, first, some, stop);
      writer.add(some);
    }
  });
}

void PlainPatches::get(std::size_t patch, std::span<float> out) const {
  const auto convert = [&](std::span<const std::uint8_t> rgb) {
    cut_patch({{0, 0, kPatch, kPatch}, rgb}, kObjectOffset, kObjectOffset, out);
  };
  if (patch < kept_.size() / kPatchBytes) {
    convert(std::span(kept_).subspan(patch * kPatchBytes, kPatchBytes));
    return;
  }
  std::vector<std::uint8_t> rgb(kPatchBytes);
  if (filed_ != nullptr)
    filed_->read(patch - kept_.size() / kPatchBytes, rgb);
  else
    reader_.read(patch, rgb);
  convert(rgb);
}

double plain_patches_mib(std::int64_t patches) {
  return static_cast<double>(patches) * static_cast<double>(kPatchBytes) / kMebibyte;
}

std::vector<float> patch_probabilities(const Network& network,
                                       const PlainPatches& patches,
                                       const std::function<bool()>& stop) {
  std::vector<float> out(patches.count());
  in_chunks(patches.count(), [&](std::size_t first, std::size_t n) {
    if (stop()) throw Interrupted("stopped while evaluating patches");
    std::vector<float> chunk(n * kPatchBytes);
    for (std::size_t i = 0; i < n; ++i)
      patches.get(first + i, std::span(chunk).subspan(i * kPatchBytes, kPatchBytes));
    const auto values = patch_probabilities(network, chunk, static_cast<std::int64_t>(n));
    std::ranges::copy(values, out.begin() + static_cast<std::ptrdiff_t>(first));
  });
  return out;
}

}  // namespace mito::nn
