#include "nodes/exchange/python/payloads.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <tuple>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/image/components.h"

namespace mito::python {
namespace {

using Shape = std::vector<std::uint64_t>;
constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();  // as many as there are

// --- what a function is given --------------------------------------------------------------------

std::uint64_t unsigned_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }

Shape shape_of(std::int64_t height, std::int64_t width) {
  return {unsigned_of(height), unsigned_of(width)};
}

void give_grid(Given& given, const Grid& grid) {
  given.values["scale"] = {grid.scale_x, grid.scale_y};
  given.values["mpp"] = grid.mpp;
  given.values["size"] = {grid.width, grid.height};
}

void give_core(Given& given, const Rect& core) {
  given.values["core"] = {core.x, core.y, core.width, core.height};
}

/// Packed numbers, which live as long as the call.
template <class T>
void give_packed(Given& given, const std::string& name, std::vector<T> values, Shape shape) {
  const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  given.arrays[name] = ArrayView::of(std::span<const T>(*kept), std::move(shape));
  given.owned.push_back(kept);
}

template <class Item>
void give_centres(Given& given, const std::vector<Item>& items) {
  std::vector<double> coords;
  for (const auto& item : items) coords.insert(coords.end(), {item.center.x, item.center.y});
  give_packed(given, "coords", std::move(coords), {items.size(), 2});
}

template <class T, class Item, class Of>
void give_column(Given& given, const std::string& name, const std::vector<Item>& items, Of of) {
  std::vector<T> values(items.size());
  std::ranges::transform(items, values.begin(),
                         [&](const Item& item) { return static_cast<T>(std::invoke(of, item)); });
  give_packed(given, name, std::move(values), {items.size()});
}

Given give(const Slide& slide, const Around& around) {
  const auto& info = slide.info();
  Given given{"Slide", {}};
  give_grid(given, slide.analysis_grid());
  given.values["name"] = info.name;
  given.values["file"] = info.path.string();
  given.values["level0_size"] = {info.width, info.height};
  given.values["level0_mpp"] = {info.mpp_x, info.mpp_y};
  if (around.overview_um > 0) {
    const Grid grid = slide.grid(around.overview_um);
    Shape shape = shape_of(grid.height, grid.width);
    shape.push_back(3);
    give_packed(given, "overview", slide.read(grid, grid.bounds()), std::move(shape));
    given.values["overview_scale"] = {grid.scale_x, grid.scale_y};
  }
  return given;
}

Given give(const Tile& tile, const Around&) {
  Given given{"Tile", {}};
  give_grid(given, tile.grid);
  give_core(given, tile.core);
  given.values["halo"] = tile.halo;
  Shape shape = shape_of(tile.area().height, tile.area().width);
  shape.push_back(3);
  given.arrays["rgb"] = ArrayView::of(std::span<const std::uint8_t>(tile.rgb), std::move(shape));
  return given;
}

Given give(const TissueMask& mask, const Around&) {
  Given given{"TissueMask", {}};
  give_grid(given, mask.grid);
  given.values["area_mm2"] = mask.area_mm2;
  given.arrays["mask"] = ArrayView::of(std::span<const std::uint8_t>(mask.tissue),
                                       shape_of(mask.grid.height, mask.grid.width));
  return given;
}

Given give(const ProbabilityTile& tile, const Around&) {
  Given given{"ProbabilityTile", {}};
  give_grid(given, tile.grid);
  give_core(given, tile.core);
  given.values["stride"] = ProbabilityTile::kStride;
  const bool dense = !tile.probability.empty();
  given.arrays["probability"] =
      ArrayView::of(std::span<const float>(tile.probability),
                    dense ? shape_of(tile.rows(), tile.columns()) : Shape{0, 0});
  return given;
}

Given give(const CandidateSet& set, const Around&) {
  Given given{"CandidateSet", {}};
  give_centres(given, set.items);
  std::vector<std::int64_t> grid;
  for (const auto& item : set.items) grid.insert(grid.end(), {item.grid_x, item.grid_y});
  give_packed(given, "grid", std::move(grid), {set.items.size(), 2});
  give_column<float>(given, "intensity", set.items, &Candidate::intensity);
  return given;
}

Given give(const DetectionSet& set, const Around&) {
  Given given{"DetectionSet", {}};
  give_grid(given, set.grid);
  given.values["min_probability"] = set.min_probability;
  give_centres(given, set.items);
  give_column<double>(given, "score", set.items, &Detection::score);
  give_column<std::int64_t>(given, "pixels", set.items, &Detection::pixels);
  return given;
}

template <class T>
Given give_any(const void* value, const Around& around) {
  return give(*static_cast<const T*>(value), around);
}

// --- what it returns -----------------------------------------------------------------------------

/// "[N, 2]", where N stands for any length.
std::string shape_text(const Shape& shape) {
  std::vector<std::string> lengths;
  for (const auto length : shape) lengths.push_back(length == kAny ? "N" : std::to_string(length));
  return fmt::format("[{}]", fmt::join(lengths, ", "));
}

/// The arrays that a result may have; the others must be there.
void allow(const Returned& returned,
           const std::vector<std::string_view>& needed,
           const std::vector<std::string_view>& optional = {}) {
  auto all = needed;
  all.insert(all.end(), optional.begin(), optional.end());
  for (const auto& [name, array] : returned)
    if (std::ranges::find(all, name) == all.end())
      throw DataError(fmt::format("returned '{}', expected {}", name, fmt::join(all, ", ")));
  for (const auto name : needed)
    if (!returned.contains(std::string(name)))
      throw DataError(fmt::format("did not return '{}'", name));
}

template <class T, class F>
void each(const ArrayView& array, F&& use) {
  const auto* values = reinterpret_cast<const T*>(array.bytes.data());
  for (std::size_t i = 0; i < array.bytes.size() / sizeof(T); ++i) use(values[i]);
}

/// The array `name` with numbers of any type, as T.
template <class T>
std::vector<T> numbers(const Returned& returned, const std::string& name, const Shape& shape) {
  const auto& array = returned.at(name);
  const auto fits = [](std::uint64_t expected, std::uint64_t found) {
    return expected == kAny || expected == found;
  };
  const bool integers = array.dtype != DType::F32 && array.dtype != DType::F64;
  if (!std::ranges::equal(shape, array.shape, fits))
    throw DataError(fmt::format("'{}' has shape {}, expected {}", name, shape_text(array.shape),
                                shape_text(shape)));
  if (std::is_integral_v<T> && !integers)
    throw DataError(fmt::format("'{}' has real numbers, expected whole ones", name));
  std::vector<T> out(array.bytes.size() / size_of(array.dtype));
  if (array.dtype == dtype_of<T>()) {
    std::ranges::copy(array.bytes, std::as_writable_bytes(std::span(out)).begin());
    return out;
  }
  std::size_t next = 0;
  const auto add = [&](auto value) { out[next++] = static_cast<T>(value); };
  switch (array.dtype) {
    case DType::U8:
      each<std::uint8_t>(array, add);
      break;
    case DType::U16:
      each<std::uint16_t>(array, add);
      break;
    case DType::I32:
      each<std::int32_t>(array, add);
      break;
    case DType::U32:
      each<std::uint32_t>(array, add);
      break;
    case DType::I64:
      each<std::int64_t>(array, add);
      break;
    case DType::U64:
      each<std::uint64_t>(array, add);
      break;
    case DType::F32:
      each<float>(array, add);
      break;
    case DType::F64:
      each<double>(array, add);
      break;
  }
  return out;
}

void require_finite(const std::string& name, const std::vector<double>& values) {
  if (!std::ranges::all_of(values, [](double v) { return std::isfinite(v); }))
    throw DataError(fmt::format("'{}' has a value that is no finite number", name));
}

void require_fractions(const std::string& name, const std::vector<float>& values) {
  for (const float value : values)
    if (!(value >= 0 && value <= 1))
      throw DataError(fmt::format("'{}' must be in [0, 1], got {}", name, value));
}

/// (R + G + B) / 765 of a pixel of the analysis grid.
float intensity_at(const Tile& tile, std::int64_t x, std::int64_t y) {
  const auto area = tile.area();
  const auto* rgb =
      &tile.rgb[static_cast<std::size_t>(3 * ((y - area.y) * area.width + x - area.x))];
  return static_cast<float>(rgb[0] + rgb[1] + rgb[2]) / 765.0F;
}

CandidateSet take_candidates(const Returned& returned, const Around& around) {
  allow(returned, {"grid"}, {"intensity"});
  const Tile& tile = *around.tile;
  const auto grid = numbers<std::int64_t>(returned, "grid", {kAny, 2});
  const std::size_t count = grid.size() / 2;
  std::vector<float> intensity;
  if (returned.contains("intensity")) {
    intensity = numbers<float>(returned, "intensity", {count});
    require_fractions("intensity", intensity);
  }
  CandidateSet set;
  set.mpp = tile.grid.mpp / tile.grid.scale_x;
  for (std::size_t i = 0; i < count; ++i) {
    Candidate one{.center = {}, .grid_x = grid[2 * i], .grid_y = grid[2 * i + 1], .intensity = 0};
    if (!tile.core.contains(one.grid_x, one.grid_y))
      throw DataError(fmt::format(
          "'grid' has the point ({}, {}), which is not in the core of the tile: x from {} to {}, y "
          "from {} to {}",
          one.grid_x, one.grid_y, tile.core.x, tile.core.x + tile.core.width - 1, tile.core.y,
          tile.core.y + tile.core.height - 1));
    one.center =
        tile.grid.to_level0(static_cast<double>(one.grid_x), static_cast<double>(one.grid_y));
    one.intensity = intensity.empty() ? intensity_at(tile, one.grid_x, one.grid_y) : intensity[i];
    set.items.push_back(one);
  }
  std::ranges::sort(set.items, {},
                    [](const Candidate& c) { return std::tuple(c.intensity, c.grid_y, c.grid_x); });
  return set;
}

TissueMask take_mask(const Returned& returned, const Around& around) {
  allow(returned, {"mask"});
  TissueMask mask;
  mask.grid = around.slide->grid(around.overview_um);
  const auto shape = shape_of(mask.grid.height, mask.grid.width);
  for (const auto pixel : numbers<std::int64_t>(returned, "mask", shape))
    mask.tissue.push_back(pixel != 0 ? 1 : 0);
  mask.ground = mask.tissue;  // glass and tissue have these numbers
  mask.regions = static_cast<std::int64_t>(
      image::label_components(mask.tissue, mask.grid.width, mask.grid.height, 8).items.size());
  mask.area_mm2 = mask.area_of(Ground::Tissue);
  mask.threshold = std::nan("");
  return mask;
}

ProbabilityTile take_probability(const Returned& returned, const Around& around) {
  allow(returned, {"probability"});
  ProbabilityTile tile;
  tile.grid = around.tile->grid;
  tile.core = around.tile->core;
  tile.probability = numbers<float>(returned, "probability", shape_of(tile.rows(), tile.columns()));
  require_fractions("probability", tile.probability);
  return tile;
}

Tile take_tile(const Returned& returned, const Around& around) {
  allow(returned, {"rgb"});
  Tile tile{around.tile->grid, around.tile->core, around.tile->halo, {}};
  Shape shape = shape_of(tile.area().height, tile.area().width);
  shape.push_back(3);
  if (returned.at("rgb").dtype != DType::U8) throw DataError("'rgb' must have dtype uint8");
  tile.rgb = numbers<std::uint8_t>(returned, "rgb", shape);
  return tile;
}

DetectionSet take_detections(const Returned& returned, const Around& around) {
  allow(returned, {"coords", "score"}, {"pixels"});
  const auto coords = numbers<double>(returned, "coords", {kAny, 2});
  const std::size_t count = coords.size() / 2;
  const auto score = numbers<double>(returned, "score", {count});
  require_finite("coords", coords);
  require_fractions("score", std::vector<float>(score.begin(), score.end()));
  const auto pixels = returned.contains("pixels")
                          ? numbers<std::int64_t>(returned, "pixels", {count})
                          : std::vector<std::int64_t>(count, 1);
  DetectionSet set;
  set.grid = around.slide != nullptr ? around.slide->analysis_grid() : around.detections->grid;
  set.objects = static_cast<std::int64_t>(count);
  if (around.detections != nullptr) set.min_probability = around.detections->min_probability;
  for (std::size_t i = 0; i < count; ++i)
    set.items.push_back({{coords[2 * i], coords[2 * i + 1]}, score[i], pixels[i]});
  std::ranges::sort(set.items, {}, [](const Detection& d) {
    return std::tuple(-d.score, d.center.y, d.center.x);
  });
  return set;
}

/// A column for each array, a row for each detection or candidate of the inputs.
FeatureTable take_features(const Returned& returned, const Around& around) {
  FeatureTable table;
  if (around.detections != nullptr) {
    for (const auto& item : around.detections->items) table.at.push_back(item.center);
  } else {
    for (const auto& item : around.candidates->items) table.at.push_back(item.center);
  }
  const std::size_t rows = table.at.size();
  table.values.resize(rows * returned.size());
  for (const auto& [name, array] : returned) {
    std::size_t row = 0;
    for (const double value : numbers<double>(returned, name, {rows}))
      table.values[row++ * returned.size() + table.columns.size()] = value;
    table.columns.push_back(name);
  }
  return table;
}

template <auto kTake>
std::shared_ptr<const void> take_any(const Returned& returned, const Around& around) {
  return std::make_shared<
      const std::invoke_result_t<decltype(kTake), const Returned&, const Around&>>(
      kTake(returned, around));
}

}  // namespace

const std::vector<StepPayload>& step_payloads() {
  static const std::vector<StepPayload> kAll{
      {type_of<CandidateSet>(), give_any<CandidateSet>, take_any<take_candidates>, {"Tile"}},
      {type_of<DetectionSet>(),
       give_any<DetectionSet>,
       take_any<take_detections>,
       {"Slide", "DetectionSet"}},
      {type_of<FeatureTable>(), nullptr, take_any<take_features>, {"DetectionSet", "CandidateSet"}},
      {type_of<ProbabilityTile>(), give_any<ProbabilityTile>, take_any<take_probability>, {"Tile"}},
      {type_of<Slide>(), give_any<Slide>},
      {type_of<Tile>(), give_any<Tile>, take_any<take_tile>, {"Tile"}},
      {type_of<TissueMask>(), give_any<TissueMask>, take_any<take_mask>, {"Slide"}}};
  return kAll;
}

const StepPayload* find_payload(std::string_view name) {
  const auto found =
      std::ranges::find(step_payloads(), name, [](const StepPayload& p) { return p.type->name; });
  return found == step_payloads().end() ? nullptr : &*found;
}

void note(Around& around, const TypeDesc* type, const void* value) {
  const auto keep = [&]<class T>(const T*& first) {
    if (first == nullptr && type == type_of<T>()) first = static_cast<const T*>(value);
  };
  keep(around.slide);
  keep(around.tile);
  keep(around.candidates);
  keep(around.detections);
}

}  // namespace mito::python
