#include "nodes/score_pool/score_pool.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "engine/nn/patch_regions.h"

namespace mito::score_pool {
namespace {

constexpr double kMppTolerance = 0.05;  // METHODS 0.2
constexpr auto kPatchBytes = static_cast<std::size_t>(3 * nn::kPatch * nn::kPatch);

/// Where the candidates of a slide lie in the pool.
struct Stretch {
  std::size_t first = 0;
  std::size_t count = 0;
};

Stretch stretch_of(const CandidatePool& pool, std::size_t index) {
  const auto found = std::ranges::equal_range(pool.slide, static_cast<std::uint32_t>(index));
  return {static_cast<std::size_t>(found.begin() - pool.slide.begin()), found.size()};
}

std::span<const GridPoint> points_of(const CandidatePool& pool, std::size_t index) {
  const auto [first, count] = stretch_of(pool, index);
  return std::span(pool.at).subspan(first, count);
}

void require_model(std::string& model, const std::string& other) {
  if (model.empty()) model = other;
  if (!other.empty() && model != other)
    throw DataError("scores of two networks cannot be joined: " + model.substr(0, 12) + " and " +
                    other.substr(0, 12));
}

}  // namespace

std::vector<std::size_t> slides_of(const SlidesParams& params, const CandidatePool& pool) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < pool.slides.size(); ++i) {
    if (std::ranges::count(params.sets, name_of(pool.slides[i].set)) > 0) out.push_back(i);
  }
  if (out.empty())
    throw DataError(
        fmt::format("none of the {} slides of the pool is in the sets to score; was the pool split "
                    "by split_cases?",
                    pool.slides.size()));
  return out;
}

SlideCandidates candidates_of(const CandidatePool& pool,
                              std::size_t index,
                              const SlideCollection& slides) {
  const auto& about = pool.slides.at(index);
  const Slide& slide = slides.at(about.identity, about.name);
  const auto points = points_of(pool, index);
  for (const auto& p : points) {
    if (!slide.analysis_grid().bounds().contains(p.x, p.y))
      throw DataError(fmt::format("slide '{}': the candidate at pixel ({}, {}) lies off it",
                                  about.name, p.x, p.y));
  }
  return {slide, {points.begin(), points.end()}};
}

std::string digest_of(const CandidatePool& pool, std::size_t index) {
  Sha256 sha;
  sha.update(pool.slides.at(index).identity);
  sha.update("\n");
  sha.update(std::as_bytes(points_of(pool, index)));
  return sha.finish();
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
  const double wanted = model.info().mpp;
  if (std::abs(chunk.mpp - wanted) > kMppTolerance * wanted)
    throw DataError(
        fmt::format("slide '{}': the model was trained at {} um/px, but the slide is read at {} "
                    "um/px",
                    chunk.slide, wanted, chunk.mpp));
  constexpr Rect kArea{0, 0, nn::kPatch, nn::kPatch};
  nn::PatchScorer scorer(model.network(device));
  for (std::size_t i = 0; i < chunk.candidate.size(); ++i)
    scorer.add({kArea, std::span(chunk.rgb).subspan(i * kPatchBytes, kPatchBytes)},
               nn::kObjectOffset, nn::kObjectOffset);
  return {chunk.candidate, scorer.finish(), chunk.identity, model.digest()};
}

void append(CandidateScores& all, const CandidateScores& some) {
  if (all.identity != some.identity) throw DataError("scores of two slides cannot be joined");
  require_model(all.model, some.model);
  all.candidate.insert(all.candidate.end(), some.candidate.begin(), some.candidate.end());
  all.probability.insert(all.probability.end(), some.probability.begin(), some.probability.end());
}

PoolScores none_of(const CandidatePool& pool) {
  return {std::vector<float>(pool.size(), std::numeric_limits<float>::quiet_NaN()), ""};
}

void place(PoolScores& scores, const CandidatePool& pool, const CandidateScores& slide) {
  const auto about = std::ranges::find(pool.slides, slide.identity, &PoolSlide::identity);
  if (about == pool.slides.end())
    throw DataError("there are scores of a slide that is not in the pool");
  require_model(scores.model, slide.model);
  const auto [first, count] =
      stretch_of(pool, static_cast<std::size_t>(about - pool.slides.begin()));
  for (std::size_t i = 0; i < slide.candidate.size(); ++i) {
    if (slide.candidate[i] >= count)
      throw DataError(fmt::format("slide '{}' has {} candidates, but number {} was scored",
                                  about->name, count, slide.candidate[i]));
    scores.probability[first + slide.candidate[i]] = slide.probability[i];
  }
}

}  // namespace mito::score_pool
