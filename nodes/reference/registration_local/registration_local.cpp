#include "nodes/reference/registration_local/registration_local.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/types/grid_maps.h"
#include "nodes/reference/registration/pair_correlation.h"

namespace mito::registration_local {
namespace {

using Status = RegisteredObject::Status;

constexpr std::size_t kFewestNeighbours = 3;  // the median of fewer would follow a single outlier

image::SlideView view_of(const Slide& slide, double mpp) {
  const Grid grid = slide.grid(mpp);
  return {grid, [&slide, grid](const Rect& area) { return slide.read(grid, area); }};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

std::vector<std::int64_t> wanted(const SpotSet& spots, const SpotScores* scores) {
  if (scores != nullptr && scores->probability.size() != spots.items.size())
    throw DataError(fmt::format("local registration: {} scores for {} spots",
                                scores->probability.size(), spots.items.size()));
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < spots.items.size(); ++i)
    if (scores == nullptr || double{scores->probability[i]} >= scores->threshold)
      out.push_back(static_cast<std::int64_t>(i));
  return out;
}

/// Level-0 place on the H&E slide that lies (dx, dy) um before `at`.
PointL0 moved(const Grid& grid, const PointL0& at, double dx_um, double dy_um) {
  return {at.x - dx_um * grid.scale_x / grid.mpp, at.y - dy_um * grid.scale_y / grid.mpp};
}

bool is_on(const SlideInfo& slide, const PointL0& p) {
  return p.x >= -0.5 && p.y >= -0.5 && p.x < static_cast<double>(slide.width) - 0.5 &&
         p.y < static_cast<double>(slide.height) - 0.5;
}

/// Where an object would go if the global registration were all; its status is final for those off
/// the slide.
RegisteredObject globally(const Slide& he,
                          const GlobalRegistration& global,
                          std::int64_t spot,
                          const PointL0& phh3) {
  RegisteredObject object;
  object.spot = spot;
  object.phh3 = phh3;
  object.he = global.he_from_phh3.apply(phh3);
  if (!is_on(he.info(), object.he)) object.status = Status::OffSlide;
  return object;
}

}  // namespace

LocalRegistration refine(const Slide& he,
                         const Slide& phh3,
                         const GlobalRegistration& global,
                         const SpotSet& spots,
                         const SpotScores* scores,
                         const Params& params,
                         const Progress& progress) {
  const auto view = view_of(he, params.mpp);
  const Grid& grid = view.grid;
  const auto phh3_view = view_of(phh3, params.mpp);
  const Affine phh3_from_he =
      compose(um_from_level0(phh3_view.grid),
              compose(inverse(global.he_from_phh3), inverse(um_from_level0(grid))));
  const image::PairCorrelation correlation(view, phh3_view, phh3_from_he, params.stain);
  const int radius = std::max(1, static_cast<int>(std::lround(params.search_um / params.mpp)));
  const auto indices = wanted(spots, scores);
  LocalRegistration out;
  out.items.reserve(indices.size());
  for (const auto index : indices) {
    progress(out.items.size(), indices.size());
    auto object = globally(he, global, index, spots.items[static_cast<std::size_t>(index)].center);
    if (object.status != Status::OffSlide) {
      const PointL0 at = grid.from_level0(object.he);
      const auto match =
          correlation.at(std::llround(at.x), std::llround(at.y), params.template_px, radius);
      const PointL0 shift = correlation.displacement_um(match.peak);
      object.dx_um = shift.x;
      object.dy_um = shift.y;
      object.peak = match.peak.value;
      object.psr = match.peak.psr;
      if (match.peak.on_border)
        object.status = Status::Border;
      else if (match.peak.psr < params.min_psr)
        object.status = Status::LowPsr;
    }
    out.items.push_back(object);
  }
  flag_outliers(out, phh3.info().mpp_x, phh3.info().mpp_y, params);
  for (auto& object : out.items)
    if (object.status == Status::Accepted)
      object.he = moved(grid, object.he, object.dx_um, object.dy_um);
  return out;
}

void flag_outliers(LocalRegistration& registration,
                   double mpp_x,
                   double mpp_y,
                   const Params& params) {
  std::vector<std::size_t> accepted;
  for (std::size_t i = 0; i < registration.items.size(); ++i)
    if (registration.items[i].status == Status::Accepted) accepted.push_back(i);
  const auto most = static_cast<std::size_t>(params.neighbours);
  std::vector<std::size_t> outliers;
  for (const auto i : accepted) {
    const auto& object = registration.items[i];
    std::vector<std::pair<double, std::size_t>> near;  // ties: the earlier object
    for (const auto j : accepted)
      if (j != i) {
        const auto& other = registration.items[j];
        near.emplace_back(std::hypot((other.phh3.x - object.phh3.x) * mpp_x,
                                     (other.phh3.y - object.phh3.y) * mpp_y),
                          j);
      }
    const std::size_t count = std::min(most, near.size());
    if (count < kFewestNeighbours) continue;
    std::ranges::partial_sort(near, near.begin() + static_cast<std::ptrdiff_t>(count));
    std::vector<double> dx;
    std::vector<double> dy;
    for (std::size_t k = 0; k < count; ++k) {
      dx.push_back(registration.items[near[k].second].dx_um);
      dy.push_back(registration.items[near[k].second].dy_um);
    }
    if (std::hypot(object.dx_um - median(dx), object.dy_um - median(dy)) > params.max_deviation_um)
      outliers.push_back(i);
  }
  for (const auto i : outliers) registration.items[i].status = Status::Neighbours;
}

}  // namespace mito::registration_local
