#include "nodes/detector/adaptation_sets/adaptation_sets.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/image/geometric.h"
#include "engine/types/folds.h"

namespace mito::adaptation_sets {
namespace {

constexpr std::int64_t kSize = image::kPatchSize;
constexpr auto kBytes = std::size_t{3} * kSize * kSize;

void check(const LabelledPlaces& places) {
  const auto& patches = places.patches;
  const auto n = patches.labels.size();
  const bool fit =
      patches.rgb.size() == n * kBytes && patches.cases.size() == n && places.images.size() == n;
  if (patches.size != kSize || !fit)
    throw DataError(fmt::format(
        "labelled places: expected {} px and a case and an image for each, got {} labels, {} "
        "cases, {} images, {} bytes of {} px patches",
        kSize, n, patches.cases.size(), places.images.size(), patches.rgb.size(), patches.size));
}

/// How often each labelled patch of a class is listed, so that they have the share asked for.
std::size_t repeats(double share, std::size_t labelled, std::size_t replayed) {
  if (labelled == 0 || replayed == 0) return 1;
  const double wanted = share / (1 - share) * static_cast<double>(replayed);
  return std::max<std::size_t>(
      1, static_cast<std::size_t>(std::llround(wanted / static_cast<double>(labelled))));
}

void append_labelled(const LabelledPatches& from,
                     std::size_t i,
                     std::uint32_t slide,
                     PatchSet& out) {
  auto& rgb = out.rgb.edit();
  const auto* first = from.rgb.data() + i * kBytes;
  rgb.insert(rgb.end(), first, first + kBytes);
  out.slide.push_back(slide);
  out.at.push_back({kSize / 2, kSize / 2});
  out.label.push_back(from.labels[i]);
  out.in_pool.push_back(-1);
}

void append_replay(const PatchSet& replay, PatchSet& out) {
  const auto before = static_cast<std::uint32_t>(out.slides.size());
  out.slides.insert(out.slides.end(), replay.slides.begin(), replay.slides.end());
  for (const auto slide : replay.slide) out.slide.push_back(before + slide);
  out.at.insert(out.at.end(), replay.at.begin(), replay.at.end());
  out.label.insert(out.label.end(), replay.label.begin(), replay.label.end());
  out.in_pool.insert(out.in_pool.end(), replay.in_pool.begin(), replay.in_pool.end());
  auto& rgb = out.rgb.edit();
  const auto pixels = replay.rgb.all();
  rgb.insert(rgb.end(), pixels.begin(), pixels.end());
}

/// The patches of `keep` and the replayed ones.
PatchSet set_of(const Params& params,
                const LabelledPlaces& labelled,
                const std::vector<std::size_t>& keep,
                const PatchSet* replay) {
  PatchSet out;
  out.size_px = kSize;
  std::map<std::string, std::uint32_t> slides;
  for (const auto i : keep) {
    const auto& name = labelled.patches.cases[i];
    if (!slides.try_emplace(name, static_cast<std::uint32_t>(out.slides.size())).second) continue;
    out.slides.push_back({name, labelled.images[i], name, CaseSet::Training});
  }
  for (const int label : {1, 0}) {
    const auto has_label = [&](std::size_t i) { return labelled.patches.labels[i] == label; };
    const auto times = repeats(
        params.labelled_share, static_cast<std::size_t>(std::ranges::count_if(keep, has_label)),
        replay == nullptr ? 0 : static_cast<std::size_t>(std::ranges::count(replay->label, label)));
    for (std::size_t k = 0; k < times; ++k)
      for (const auto i : keep)
        if (has_label(i))
          append_labelled(labelled.patches, i, slides.at(labelled.patches.cases[i]), out);
  }
  if (replay != nullptr) append_replay(*replay, out);
  return out;
}

}  // namespace

void Replay::add(std::uint32_t index, const SlideDetections& found) {
  const auto slide = static_cast<std::uint32_t>(slides_.size());
  const Grid& grid = found.slide.analysis_grid();
  const auto& items = found.detections.items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    RandomStream random(static_cast<std::uint64_t>(params_.seed), node_, i, index);
    const std::uint64_t high = random.word();
    const PointL0 at = grid.from_level0(items[i].center);
    places_.push_back({high << 32U | random.word(),
                       std::ssize(places_),
                       slide,
                       {static_cast<std::int32_t>(std::floor(at.x + 0.5)),
                        static_cast<std::int32_t>(std::floor(at.y + 0.5))},
                       static_cast<std::uint8_t>(items[i].score >= threshold_ ? 1 : 0)});
  }
  slides_.push_back(found.slide);
}

PatchSet Replay::patches() const {
  if (places_.empty())
    throw DataError(fmt::format("nothing to replay: no detections on {} slides", slides_.size()));
  std::vector<Place> drawn;
  for (const int label : {1, 0}) {
    std::vector<Place> of_class;
    std::ranges::copy_if(places_, std::back_inserter(of_class),
                         [&](const Place& place) { return place.label == label; });
    std::ranges::sort(of_class, {}, [](const Place& p) { return std::tie(p.key, p.number); });
    of_class.resize(std::min(of_class.size(), static_cast<std::size_t>(params_.most)));
    drawn.insert(drawn.end(), of_class.begin(), of_class.end());
  }
  std::ranges::sort(drawn, {}, &Place::number);
  PatchSet out;
  out.size_px = kSize;
  for (const auto& slide : slides_)
    out.slides.push_back(
        {slide.info().name, slide.info().identity, slide.info().name, CaseSet::Training});
  auto& rgb = out.rgb.edit();
  for (const auto& place : drawn) {
    const Slide& slide = slides_[place.slide];
    const auto pixels = slide.read(slide.analysis_grid(),
                                   {place.at.x - kSize / 2, place.at.y - kSize / 2, kSize, kSize});
    rgb.insert(rgb.end(), pixels.begin(), pixels.end());
    out.slide.push_back(place.slide);
    out.at.push_back(place.at);
    out.label.push_back(place.label);
    out.in_pool.push_back(place.number);
  }
  return out;
}

std::vector<PatchSet> sets(const Params& params,
                           const LabelledPlaces& labelled,
                           const PatchSet* replay) {
  check(labelled);
  if (replay != nullptr && replay->size_px != kSize)
    throw DataError(
        fmt::format("patches to replay have {} px, expected {}", replay->size_px, kSize));
  const bool folds = params.leave_out == "folds";
  const auto fold = folds ? folds_of(labelled.patches.cases, params.folds)
                          : std::vector<std::uint32_t>(labelled.patches.labels.size(), 1);
  const auto count = folds ? *std::ranges::max_element(fold) + 1 : 1U;
  std::vector<PatchSet> out;
  for (std::uint32_t k = 0; k < count; ++k) {
    std::vector<std::size_t> keep;
    for (std::size_t i = 0; i < fold.size(); ++i)
      if (fold[i] != k) keep.push_back(i);
    out.push_back(set_of(params, labelled, keep, replay));
    out.back().member = k;
    out.back().seed = static_cast<std::uint64_t>(params.seed) + k;
  }
  return out;
}

}  // namespace mito::adaptation_sets
