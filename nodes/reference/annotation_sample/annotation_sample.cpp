#include "nodes/reference/annotation_sample/annotation_sample.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::annotation_sample {

std::string check(const Params& params) {
  const std::filesystem::path folder(params.folder);
  if (folder.is_absolute() || std::ranges::count(folder, "..") > 0)
    return fmt::format("parameter 'folder' must lie below the output folder, got '{}'",
                       params.folder);
  return "";
}

bool Draw::before(const Entry& a, const Entry& b) {
  return std::tie(a.key, a.sample.source, a.index) < std::tie(b.key, b.sample.source, b.index);
}

void Draw::add(std::uint32_t index, const SlideSpots& slide_spots) {
  const auto& [slide, spots, scores] = slide_spots;
  const std::string& name = slide.info().name;
  for (const auto& source : sources_)
    if (source.slide.info().name == name)
      throw DataError(
          fmt::format("two slides are named '{}': {} and {}; a label sheet could not "
                      "tell them apart",
                      name, source.slide.info().path.string(), slide.info().path.string()));
  if (params_.min_score && !scores)
    throw DataError(
        fmt::format("slide {}: min_score is set, but its candidates have no scores; "
                    "connect 'scores' of slide_spots or leave min_score out",
                    name));
  if (scores && scores->probability.size() != spots.items.size())
    throw DataError(fmt::format("slide {}: {} scores for {} candidates", name,
                                scores->probability.size(), spots.items.size()));

  const auto count = static_cast<std::size_t>(params_.count);
  Source source{slide, static_cast<std::int64_t>(spots.items.size()), 0};
  for (std::size_t i = 0; i < spots.items.size(); ++i) {
    std::optional<double> score;
    if (scores) score = scores->probability[i];
    if (params_.min_score && *score < *params_.min_score) continue;
    ++source.eligible;
    RandomStream random(static_cast<std::uint64_t>(params_.seed), node_, i, index);
    const std::uint64_t high = random.word();
    Entry entry{high << 32U | random.word(), i, {sources_.size(), spots.items[i], score}};
    if (lowest_.size() == count) {
      if (!before(entry, lowest_.front())) continue;
      std::ranges::pop_heap(lowest_, before);
      lowest_.pop_back();
    }
    lowest_.push_back(std::move(entry));
    std::ranges::push_heap(lowest_, before);
  }
  sources_.push_back(std::move(source));
}

std::vector<Draw::Sample> Draw::samples() const {
  std::int64_t candidates = 0;
  for (const auto& source : sources_) candidates += source.candidates;
  if (lowest_.empty())
    throw DataError(
        params_.min_score
            ? fmt::format("nothing to label: none of {} candidates on {} slides has a score of {} "
                          "or more",
                          candidates, sources_.size(), *params_.min_score)
            : fmt::format("nothing to label: no candidates on {} slides", sources_.size()));
  auto ordered = lowest_;
  std::ranges::sort(ordered, before);
  std::vector<Sample> out;
  for (const auto& entry : ordered) out.push_back(entry.sample);
  return out;
}

std::vector<std::uint8_t> cut_patch(const Slide& slide, const PointL0& center) {
  const Grid& grid = slide.analysis_grid();
  const PointL0 at = grid.from_level0(center);
  const Rect area{static_cast<std::int64_t>(std::floor(at.x + 0.5)) - kPatchPx / 2,
                  static_cast<std::int64_t>(std::floor(at.y + 0.5)) - kPatchPx / 2, kPatchPx,
                  kPatchPx};
  return slide.read(grid, area);
}

}  // namespace mito::annotation_sample
