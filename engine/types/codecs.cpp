// How the payloads look outside the program: schemas/store/*.md describes what these write.
#include <algorithm>
#include <array>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/types/grid_attributes.h"
#include "engine/types/pathology.h"

namespace mito {
bool TissueMask::covers(const Grid& g, std::int64_t x, std::int64_t y) const {
  const PointL0 p = g.to_level0(static_cast<double>(x), static_cast<double>(y));
  return at(static_cast<std::int64_t>(std::floor((p.x + 0.5) / grid.scale_x)),
            static_cast<std::int64_t>(std::floor((p.y + 0.5) / grid.scale_y)));
}

bool TissueMask::touches(const Grid& g, const Rect& area) const {
  const auto first = [](std::int64_t edge, double scale, double own) {
    return static_cast<std::int64_t>(std::floor(static_cast<double>(edge) * scale / own));
  };
  const auto last = [](std::int64_t edge, double scale, double own) {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(edge) * scale / own)) - 1;
  };
  const auto x0 = std::max<std::int64_t>(0, first(area.x, g.scale_x, grid.scale_x));
  const auto y0 = std::max<std::int64_t>(0, first(area.y, g.scale_y, grid.scale_y));
  const auto x1 = std::min(grid.width - 1, last(area.x + area.width, g.scale_x, grid.scale_x));
  const auto y1 = std::min(grid.height - 1, last(area.y + area.height, g.scale_y, grid.scale_y));
  for (auto y = y0; y <= y1; ++y) {
    for (auto x = x0; x <= x1; ++x) {
      if (tissue[static_cast<std::size_t>(y * grid.width + x)] != 0) return true;
    }
  }
  return false;
}

std::string_view name_of(Ground ground) {
  constexpr std::array<std::string_view, 5> kNames{"glass", "tissue", "pen", "unscanned", "debris"};
  return kNames.at(static_cast<std::size_t>(ground));
}

double TissueMask::area_of(Ground kind) const {
  const auto pixels = std::ranges::count(ground, static_cast<std::uint8_t>(kind));
  return static_cast<double>(pixels) * grid.mpp * grid.mpp * 1e-6;
}

std::string TissueMask::excluded() const {
  std::string text;
  for (const Ground kind : {Ground::Pen, Ground::Unscanned, Ground::Debris}) {
    const double mm2 = area_of(kind);
    if (mm2 == 0) continue;
    text += fmt::format("{}{} {:.3g} mm2", text.empty() ? "" : ", ", name_of(kind), mm2);
  }
  return text;
}

Record Codec<TissueMask>::encode(const TissueMask& mask) {
  Record record;
  put_grid(record, mask.grid);
  record.arrays["mask"] = Array::of(mask.tissue, {static_cast<std::uint64_t>(mask.grid.height),
                                                  static_cast<std::uint64_t>(mask.grid.width)});
  record.arrays["ground"] = Array::of(mask.ground, record.arrays["mask"].shape);
  record.attributes["area_mm2"] = mask.area_mm2;
  record.attributes["regions"] = mask.regions;
  record.attributes["threshold"] = mask.threshold;
  record.attributes["doubt"] = mask.doubt;
  return record;
}

TissueMask Codec<TissueMask>::decode(const Record& record) {
  TissueMask mask;
  mask.grid = get_grid(record);
  const auto pixels = record.array("mask").as<std::uint8_t>();
  mask.tissue.assign(pixels.begin(), pixels.end());
  if (mask.tissue.size() != static_cast<std::size_t>(mask.grid.width * mask.grid.height))
    throw DataError("dataset 'mask' does not match grid_size");
  const auto ground = record.array("ground").as<std::uint8_t>();
  mask.ground.assign(ground.begin(), ground.end());
  if (mask.ground.size() != mask.tissue.size())
    throw DataError("dataset 'ground' does not match grid_size");
  mask.area_mm2 = record.number("area_mm2");
  mask.regions = record.integer("regions");
  mask.threshold = record.number("threshold");
  mask.doubt = record.text("doubt");
  return mask;
}

Record Codec<CandidateSet>::encode(const CandidateSet& set) {
  const auto n = static_cast<std::uint64_t>(set.items.size());
  std::vector<double> coords;
  std::vector<std::int64_t> grid;
  std::vector<float> intensity;
  for (const auto& c : set.items) {
    coords.insert(coords.end(), {c.center.x, c.center.y});
    grid.insert(grid.end(), {c.grid_x, c.grid_y});
    intensity.push_back(c.intensity);
  }
  Record record;
  record.arrays["coords"] = Array::of(coords, {n, 2});
  record.arrays["grid"] = Array::of(grid, {n, 2});
  record.arrays["intensity"] = Array::of(intensity);
  record.attributes["level"] = std::int64_t{0};  // coords are level-0 pixels
  record.attributes["mpp"] = set.mpp;
  return record;
}

CandidateSet Codec<CandidateSet>::decode(const Record& record) {
  const auto coords = record.array("coords").as<double>();
  const auto grid = record.array("grid").as<std::int64_t>();
  const auto intensity = record.array("intensity").as<float>();
  if (coords.size() != 2 * intensity.size() || grid.size() != coords.size())
    throw DataError("candidate columns have different lengths");
  CandidateSet set;
  set.mpp = record.number("mpp");
  for (std::size_t i = 0; i < intensity.size(); ++i) {
    set.items.push_back(
        {{coords[2 * i], coords[2 * i + 1]}, grid[2 * i], grid[2 * i + 1], intensity[i]});
  }
  return set;
}

Record Codec<ProbabilityTile>::encode(const ProbabilityTile& tile) {
  Record record;
  put_grid(record, tile.grid);
  record.attributes["stride"] = ProbabilityTile::kStride;
  record.arrays["core"] = Array::of(
      std::vector<std::int64_t>{tile.core.x, tile.core.y, tile.core.width, tile.core.height},
      {1, 4});
  record.arrays["probability"] =
      Array::of(tile.probability,
                {tile.probability.empty() ? 0U : 1U, static_cast<std::uint64_t>(tile.rows()),
                 static_cast<std::uint64_t>(tile.columns())});
  std::vector<std::int64_t> grid;
  std::vector<float> values;
  for (const auto& p : tile.points) {
    grid.insert(grid.end(), {p.grid_x, p.grid_y});
    values.push_back(p.probability);
  }
  record.arrays["point_grid"] = Array::of(grid, {values.size(), 2});
  record.arrays["point_probability"] = Array::of(values);
  return record;
}

ProbabilityTile Codec<ProbabilityTile>::decode(const Record& record) {
  ProbabilityTile tile;
  tile.grid = get_grid(record);
  const auto core = record.array("core").as<std::int64_t>();
  if (core.size() != 4) throw DataError("dataset 'core' needs four numbers");
  tile.core = {core[0], core[1], core[2], core[3]};
  const auto values = record.array("probability").as<float>();
  tile.probability.assign(values.begin(), values.end());
  const auto grid = record.array("point_grid").as<std::int64_t>();
  const auto points = record.array("point_probability").as<float>();
  if (grid.size() != 2 * points.size()) throw DataError("point columns have different lengths");
  for (std::size_t i = 0; i < points.size(); ++i)
    tile.points.push_back({grid[2 * i], grid[2 * i + 1], points[i]});
  return tile;
}

Record Codec<DetectionSet>::encode(const DetectionSet& set) {
  const auto n = static_cast<std::uint64_t>(set.items.size());
  std::vector<double> coords;
  std::vector<double> score;
  std::vector<std::int64_t> pixels;
  for (const auto& d : set.items) {
    coords.insert(coords.end(), {d.center.x, d.center.y});
    score.push_back(d.score);
    pixels.push_back(d.pixels);
  }
  Record record;
  put_grid(record, set.grid);
  record.arrays["coords"] = Array::of(coords, {n, 2});
  record.arrays["score"] = Array::of(score);
  record.arrays["pixels"] = Array::of(pixels);
  record.attributes["level"] = std::int64_t{0};
  record.attributes["min_probability"] = set.min_probability;
  record.attributes["objects"] = set.objects;
  return record;
}

DetectionSet Codec<DetectionSet>::decode(const Record& record) {
  DetectionSet set;
  set.grid = get_grid(record);
  const auto coords = record.array("coords").as<double>();
  const auto score = record.array("score").as<double>();
  const auto pixels = record.array("pixels").as<std::int64_t>();
  if (coords.size() != 2 * score.size() || pixels.size() != score.size())
    throw DataError("detection columns have different lengths");
  for (std::size_t i = 0; i < score.size(); ++i)
    set.items.push_back({{coords[2 * i], coords[2 * i + 1]}, score[i], pixels[i]});
  set.min_probability = record.number("min_probability");
  set.objects = record.integer("objects");
  return set;
}

Record Codec<Hotspot>::encode(const Hotspot& h) {
  Record record;
  record.attributes = {{"count_p95", h.count_p95},
                       {"count_max", h.count_max},
                       {"center", std::vector<double>{h.center.x, h.center.y}},
                       {"radius_um", h.radius_um},
                       {"area_mm2", h.area_mm2},
                       {"positions", h.positions}};
  return record;
}

Hotspot Codec<Hotspot>::decode(const Record& record) {
  const auto& center = record.numbers("center");
  if (center.size() != 2) throw DataError("attribute 'center' needs two numbers");
  return {record.number("count_p95"), record.integer("count_max"), {center[0], center[1]},
          record.number("radius_um"), record.number("area_mm2"),   record.integer("positions")};
}

Record Codec<Grade>::encode(const Grade& g) {
  Record record;
  record.attributes = {{"grade", g.grade}, {"count", g.count}};
  return record;
}

Grade Codec<Grade>::decode(const Record& record) {
  return {record.integer("grade"), record.number("count")};
}

}  // namespace mito
