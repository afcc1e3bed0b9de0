#include "nodes/detector/score_pool/score_pool.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "engine/nn/fft_network.h"
#include "engine/nn/patch_regions.h"

namespace mito::score_pool {
namespace {

constexpr auto kPatchBytes = static_cast<std::size_t>(3 * nn::kPatch * nn::kPatch);

void require_model(std::string& model, const std::string& other) {
  if (model.empty()) model = other;
  if (!other.empty() && model != other)
    throw DataError("scores of two networks cannot be joined: " + model.substr(0, 12) + " and " +
                    other.substr(0, 12));
}

/// Which candidates of the pool are asked for.
std::vector<bool> wanted_of(const CandidatePool& pool, const PatchSet* patches) {
  if (patches == nullptr) return std::vector<bool>(pool.size(), true);
  std::vector<bool> out(pool.size(), false);
  for (std::size_t i = 0; i < patches->count(); ++i) {
    const auto at = patches->in_pool.at(i);
    if (at < 0 || at >= std::ssize(pool.at) ||
        pool.at[static_cast<std::size_t>(at)] != patches->at.at(i))
      throw DataError(fmt::format("patch {} was not drawn from this pool", i));
    out[static_cast<std::size_t>(at)] = true;
  }
  return out;
}

}  // namespace

std::vector<Task> tasks(const SlidesParams& params,
                        const CandidatePool& pool,
                        const PatchSet* patches) {
  const auto layout = layout_of(pool);
  const auto wanted = wanted_of(pool, patches);
  std::vector<Task> out;
  for (std::size_t s = 0; s < pool.slides.size(); ++s) {
    if (std::ranges::count(params.sets, name_of(pool.slides[s].set)) == 0) continue;
    Task task{pool.slides[s], {}, {}};
    for (std::size_t i = layout.first[s]; i < layout.first[s + 1]; ++i) {
      if (!wanted[i]) continue;
      task.at.push_back(pool.at[i]);
      task.number.push_back(static_cast<std::uint32_t>(i - layout.first[s]));
    }
    if (patches == nullptr || !task.at.empty()) out.push_back(std::move(task));
  }
  if (out.empty())
    throw DataError(
        fmt::format("none of the {} slides of the pool is in the sets to score; was the pool split "
                    "by split_cases?",
                    pool.slides.size()));
  return out;
}

std::string digest_of(const Task& task) {
  Sha256 sha;
  sha.update(task.about.identity);
  sha.update("\n");
  sha.update(std::as_bytes(std::span(task.at)));
  sha.update(std::as_bytes(std::span(task.number)));
  return sha.finish();
}

SlideCandidates candidates_of(const Task& task, const SlideCollection& slides) {
  const Slide& slide = slides.at(task.about.identity, task.about.name);
  for (const auto& p : task.at) {
    if (!slide.analysis_grid().bounds().contains(p.x, p.y))
      throw DataError(fmt::format("slide '{}': the candidate at pixel ({}, {}) lies off it",
                                  task.about.name, p.x, p.y));
  }
  return {slide, task.at, task.number};
}

std::vector<std::uint32_t> reading_order(const std::vector<GridPoint>& at) {
  std::vector<std::uint32_t> out;
  out.reserve(at.size());
  for (const auto& region : nn::patch_regions(at)) {
    for (const auto i : region.points) out.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

std::vector<std::uint8_t> cut(const std::vector<GridPoint>& at,
                              const std::vector<std::uint32_t>& candidates,
                              const Read& read) {
  std::vector<GridPoint> points;
  points.reserve(candidates.size());
  for (const auto i : candidates) points.push_back(at.at(i));
  std::vector<std::uint8_t> out(points.size() * kPatchBytes);
  for (const auto& region : nn::patch_regions(points)) {
    const auto rgb = read(region.area);
    for (const auto i : region.points) {
      const auto patch =
          nn::cut({region.area, rgb}, {points[i].x - nn::kObjectOffset,
                                       points[i].y - nn::kObjectOffset, nn::kPatch, nn::kPatch});
      std::memcpy(&out[i * kPatchBytes], patch.data(), kPatchBytes);
    }
  }
  return out;
}

CandidateScores score(const nn::Model& model, nn::Device device, const CandidateChunk& chunk) {
  nn::require_resolution(model, chunk.mpp, fmt::format("slide '{}': ", chunk.slide),
                         "the slide is read at");
  constexpr Rect kArea{0, 0, nn::kPatch, nn::kPatch};
  const auto& network = model.network(device);
  if (network.patch_px() > nn::kPatch)
    throw DataError(
        fmt::format("candidates of a pool are cut with {} px around them, but the "
                    "network takes {} px",
                    nn::kPatch, network.patch_px()));
  nn::PatchScorer scorer(network);
  for (std::size_t i = 0; i < chunk.candidate.size(); ++i)
    scorer.add({kArea, std::span(chunk.rgb).subspan(i * kPatchBytes, kPatchBytes)},
               nn::kObjectOffset, nn::kObjectOffset);
  return {chunk.candidate, scorer.finish(), chunk.identity, model.digest()};
}

std::vector<TileCandidates> tiles_of(const std::vector<GridPoint>& at) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::uint32_t>> rows;
  for (std::uint32_t i = 0; i < at.size(); ++i)
    rows[{at[i].y / kTile, at[i].x / kTile}].push_back(i);
  std::vector<TileCandidates> out;
  out.reserve(rows.size());
  for (auto& [place, candidates] : rows)
    out.push_back(
        {{place.second * kTile, place.first * kTile, kTile, kTile}, std::move(candidates)});
  return out;
}

Rect read_for(const Rect& core) {
  constexpr std::int64_t kAround = nn::kObjectOffset + nn::FftNetwork::kBehindPx;
  return {core.x - nn::kObjectOffset, core.y - nn::kObjectOffset, core.width + kAround,
          core.height + kAround};
}

CandidateScores score(const nn::Model& model,
                      nn::Device device,
                      const CandidateTile& tile,
                      std::int64_t filter_memory_mib) {
  if (model.imported() != nullptr)
    throw DataError(
        "a network made elsewhere scores candidates by patches: use candidate_chunks and "
        "score_candidates");
  const auto family = model.info().architecture.family;
  if (family != nn::Family::Table2)
    throw DataError(
        fmt::format("a {} network (CNN1, CNN2) has no dense map: score its candidates "
                    "with candidate_chunks and score_candidates",
                    nn::name_of(family)));
  nn::require_resolution(model, tile.mpp, fmt::format("slide '{}': ", tile.slide),
                         "the slide is read at");
  const auto& network =
      device == nn::Device::Cpu ? model.fft_network(filter_memory_mib) : model.network(device);
  const auto map =
      nn::dense_probabilities(network, {tile.area, tile.rgb}, tile.core, [&](const Rect& block) {
        return std::ranges::any_of(tile.at,
                                   [&](const GridPoint& p) { return block.contains(p.x, p.y); });
      });
  CandidateScores out{tile.candidate, {}, tile.identity, model.digest()};
  const auto columns = tile.core.width / nn::kStride;
  // The nearest output of the candidate's own block: that of a neighbour may not be there.
  const auto index = [](std::int64_t offset) {
    constexpr std::int64_t kOutputs = 256 / nn::kStride;
    const auto nearest = (offset + nn::kStride / 2) / nn::kStride;
    return std::min(nearest, offset / 256 * kOutputs + kOutputs - 1);
  };
  for (const auto& p : tile.at)
    out.probability.push_back(map[static_cast<std::size_t>(index(p.y - tile.core.y) * columns +
                                                           index(p.x - tile.core.x))]);
  return out;
}

void append(CandidateScores& all, const CandidateScores& some) {
  if (all.identity != some.identity) throw DataError("scores of two slides cannot be joined");
  require_model(all.model, some.model);
  all.candidate.insert(all.candidate.end(), some.candidate.begin(), some.candidate.end());
  all.probability.insert(all.probability.end(), some.probability.begin(), some.probability.end());
}

PoolLayout layout_of(const CandidatePool& pool) {
  PoolLayout out{pool.slides, {}};
  for (std::uint32_t i = 0; i <= pool.slides.size(); ++i)
    out.first.push_back(
        static_cast<std::size_t>(std::ranges::lower_bound(pool.slide, i) - pool.slide.begin()));
  return out;
}

PoolScores none_of(const PoolLayout& layout) {
  return {std::vector<float>(layout.first.back(), std::numeric_limits<float>::quiet_NaN()), ""};
}

void place(PoolScores& scores, const PoolLayout& layout, const CandidateScores& slide) {
  const auto about = std::ranges::find(layout.slides, slide.identity, &PoolSlide::identity);
  if (about == layout.slides.end())
    throw DataError("there are scores of a slide that is not in the pool");
  require_model(scores.model, slide.model);
  const auto index = static_cast<std::size_t>(about - layout.slides.begin());
  const auto first = layout.first[index];
  const auto count = layout.first[index + 1] - first;
  for (std::size_t i = 0; i < slide.candidate.size(); ++i) {
    if (slide.candidate[i] >= count)
      throw DataError(fmt::format("slide '{}' has {} candidates, but number {} was scored",
                                  about->name, count, slide.candidate[i]));
    scores.probability[first + slide.candidate[i]] = slide.probability[i];
  }
}

}  // namespace mito::score_pool
