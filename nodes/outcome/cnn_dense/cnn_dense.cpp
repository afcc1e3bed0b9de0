#include "nodes/outcome/cnn_dense/cnn_dense.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "engine/nn/fft_network.h"
#include "engine/nn/imported/card.h"
#include "engine/types/rect.h"

namespace mito::cnn_dense {
namespace {

std::string_view backend_of(const Params& params, const nn::Model& model, nn::Device device) {
  if (params.backend != "auto") return params.backend;
  if (model.imported() != nullptr) return "its own";
  return device == nn::Device::Cpu ? "fft" : "torch";
}

/// What must be known around a tile.
std::int64_t halo_for(const Params& params, const nn::Model& model, nn::Device device) {
  // Mirrored, an output at the end of a step of the map is at its beginning.
  const std::int64_t mirrored = params.views > 1 ? ProbabilityTile::kStride - 1 : 0;
  if (const auto* imported = model.imported()) {
    const auto& card = imported->card;
    if (params.mode != "dense") return card.patch_px() / 2;
    const auto squares = nn::squares_of(card);
    return std::max(squares.before_px, squares.behind_px + mirrored);
  }
  const bool fft = params.mode == "dense" && backend_of(params, model, device) == "fft";
  return fft ? nn::FftNetwork::kBehindPx + mirrored : nn::kObjectOffset;
}

void check(const Params& params, const Tile& tile, const nn::Model& model, nn::Device device) {
  const auto family = model.info().architecture.family;
  if (model.imported() != nullptr && params.backend != "auto")
    throw DataError(
        fmt::format("backend '{}' computes the networks of the paper; one made "
                    "elsewhere takes 'auto'",
                    params.backend));
  if (params.mode == "dense" && family != nn::Family::Table2)
    throw DataError(fmt::format(
        "a {} network (CNN1, CNN2) cannot be evaluated densely: connect the model of CNN3, CNN4 or "
        "CNN5 (table2) here, and this one to classify_candidates",
        nn::name_of(family)));
  if (params.precision != "float32" &&
      (params.mode != "dense" || backend_of(params, model, device) == "fft"))
    throw DataError("precision 'mixed' needs backend 'torch' (or an accelerator) and mode 'dense'");
  if (params.views > 1 && params.mode != "dense")
    throw DataError("several views are those of a dense map; candidates have one");
  nn::require_resolution(model, tile.grid.mpp, "", "the tiles have");
  const auto halo = halo_for(params, model, device);
  if (tile.halo < halo)
    throw DataError(
        fmt::format("the network needs {} px around a tile, but the halo is {} px; raise "
                    "halo_um of the tiles to at least {}",
                    halo, tile.halo, static_cast<double>(halo) * tile.grid.mpp));
  const Rect& core = tile.core;
  if ((core.x | core.y | core.width | core.height) % ProbabilityTile::kStride != 0)
    throw DataError(
        fmt::format("tile ({}, {}) of {} x {} px does not start and end at multiples of {}", core.x,
                    core.y, core.width, core.height, ProbabilityTile::kStride));
}

const nn::Network& network_for(const Params& params, const nn::Model& model, nn::Device device) {
  return backend_of(params, model, device) == "fft"
             ? model.fft_network(params.filter_memory_mib)
             : model.network(device, nn::precision_from(params.precision));
}

void check_screen(const Params& params, const Tile& tile, const Screen& screen) {
  if (params.mode != "dense")
    throw DataError("the map of a cheap network is of mode 'dense': candidates are all evaluated");
  if (screen.cheap.core != tile.core || screen.cheap.probability.empty())
    throw DataError("the map at the input 'cheap' must be dense, and of the same tiles");
}

/// The block of 256 px, as far as it lies in the tile, that a block of the network is part of.
Rect whole_block(const Tile& tile, const Rect& block) {
  return intersection({block.x - block.x % nn::kBlockPx, block.y - block.y % nn::kBlockPx,
                       nn::kBlockPx, nn::kBlockPx},
                      tile.core);
}

std::vector<float> dense_map(const Params& params,
                             const nn::Network& network,
                             const Tile& tile,
                             const TissueMask& mask,
                             const Screen* screen) {
  const auto wanted = [&](const Rect& block) {
    return mask.touches(tile.grid, block) &&
           (screen == nullptr ||
            static_cast<double>(nn::highest_in(screen->cheap, whole_block(tile, block))) >=
                screen->skip_below);
  };
  auto map = nn::dense_probabilities(network, {tile.area(), tile.rgb}, tile.core, wanted,
                                     static_cast<int>(params.views));
  std::size_t i = 0;
  for (auto y = tile.core.y; y < tile.core.y + tile.core.height; y += ProbabilityTile::kStride) {
    for (auto x = tile.core.x; x < tile.core.x + tile.core.width; x += ProbabilityTile::kStride) {
      if (!tile.grid.bounds().contains(x, y) || !mask.covers(tile.grid, x, y)) map[i] = 0;
      if (!std::isfinite(map[i]))
        throw DataError(
            fmt::format("the network gives {} at ({}, {}), which is no probability: its weights "
                        "are damaged, or "
                        "too large for float32",
                        map[i], x, y));
      ++i;
    }
  }
  return map;
}

std::vector<ScoredPoint> score(const nn::Network& network,
                               const Tile& tile,
                               const CandidateSet& candidates) {
  std::vector<std::int64_t> points;
  for (const auto& candidate : candidates.items) {
    if (!tile.core.contains(candidate.grid_x, candidate.grid_y))
      throw DataError(fmt::format("a candidate at ({}, {}) lies outside its tile", candidate.grid_x,
                                  candidate.grid_y));
    points.insert(points.end(), {candidate.grid_x, candidate.grid_y});
  }
  const auto probability = nn::patch_probabilities(network, {tile.area(), tile.rgb}, points);
  std::vector<ScoredPoint> out;
  for (std::size_t i = 0; i < probability.size(); ++i)
    out.push_back({points[2 * i], points[2 * i + 1], probability[i]});
  return out;
}

}  // namespace

ProbabilityTile evaluate(const Params& params,
                         const Tile& tile,
                         const TissueMask& mask,
                         const nn::Model& model,
                         const CandidateSet* candidates,
                         nn::Device device,
                         const Screen* screen) {
  check(params, tile, model, device);
  if (screen != nullptr) check_screen(params, tile, *screen);
  ProbabilityTile out{tile.grid, tile.core, {}, {}};
  if (params.mode == "dense") {
    // A tile of glass costs nothing: the network library is not even opened for it.
    if (mask.touches(tile.grid, tile.core))
      out.probability = dense_map(params, network_for(params, model, device), tile, mask, screen);
    else
      out.probability.assign(static_cast<std::size_t>(out.columns() * out.rows()), 0.0F);
    return out;
  }
  if (candidates == nullptr)
    throw DataError("mode 'candidates' needs the input 'candidates' to be connected");
  if (!candidates->items.empty()) out.points = score(model.network(device), tile, *candidates);
  return out;
}

nn::Device device_of(const Params& params, const std::string& device) {
  if (params.backend != "fft") return nn::device_from(device);
  if (params.mode != "dense")
    throw DataError("backend 'fft' computes dense maps only; take 'auto' for mode 'candidates'");
  if (device == "cuda")
    throw DataError("backend 'fft' runs on processors only; take 'auto' or 'torch' for cuda");
  return nn::Device::Cpu;
}

}  // namespace mito::cnn_dense
