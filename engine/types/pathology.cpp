#include "engine/types/pathology.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/types/grid_attributes.h"

namespace mito {
namespace {

constexpr std::array<std::string_view, 5> kGround{"glass", "tissue", "pen", "unscanned", "debris"};

constexpr auto kCenter = [](auto& object) { return std::tie(object.center.x, object.center.y); };
constexpr auto kGridPoint = [](auto& object) { return std::tie(object.grid_x, object.grid_y); };

std::vector<std::uint64_t> shape_of(const Grid& grid) {
  return {static_cast<std::uint64_t>(grid.height), static_cast<std::uint64_t>(grid.width)};
}

}  // namespace

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

std::string_view name_of(Ground ground) { return kGround.at(static_cast<std::size_t>(ground)); }

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

void Payload<TissueMask>::describe(Description<TissueMask>& d) {
  const auto shape = [](const TissueMask& mask) { return shape_of(mask.grid); };
  d.about("Tissue against background at low resolution.");
  d.within(&TissueMask::grid, describe_grid);
  d.array("mask", &TissueMask::tissue, shape, "[height, width]",
          "dataset 'mask' does not match grid_size", {"1 = tissue."});
  d.array("ground", &TissueMask::ground, shape, "[height, width]",
          "dataset 'ground' does not match grid_size",
          {described::with_names("What lies under the pixel", kGround)});
  d.attribute("area_mm2", &TissueMask::area_mm2, {"Area of the tissue.", "mm2"});
  d.attribute("regions", &TissueMask::regions, {"8-connected regions of tissue."});
  d.attribute("threshold", &TissueMask::threshold,
              {"The decision between tissue and glass: a saturation of 0 to 255 (otsu), an optical "
               "density (auto), a local contrast (fesi); NaN when there was none."});
  d.attribute("doubt", &TissueMask::doubt,
              {"Why the mask may be wrong; empty when nothing says so."});
  d.brief("tissue_mm2", &TissueMask::area_mm2);
  d.brief("excluded", &TissueMask::excluded);
}

void Payload<CandidateSet>::describe(Description<CandidateSet>& d) {
  d.about("Candidates of one tile, centred in its core, darkest first, or of one slide.");
  d.rows(&CandidateSet::items, "N", "candidate columns have different lengths")
      .column("intensity", &Candidate::intensity, {"(R + G + B) / 765 at the centre."})
      .column("coords", kCenter, {"x, y on level 0.", "px"})
      .column("grid", kGridPoint, {"x, y on the analysis grid.", "px"});
  describe_level(d);
  d.attribute("mpp", &CandidateSet::mpp, {"Of a level-0 pixel, in x.", "um/px"});
  d.brief("candidates", [](const CandidateSet& set) { return set.items.size(); });
}

void Payload<ProbabilityTile>::describe(Description<ProbabilityTile>& d) {
  d.about("Probabilities of mitosis of one tile: dense, or at some points.");
  d.within(&ProbabilityTile::grid, describe_grid);
  d.derived("stride", [](const ProbabilityTile&) { return ProbabilityTile::kStride; },
            {"From output to output of a dense map.", "px"});
  d.row("core", [](auto& t) { return std::tie(t.core.x, t.core.y, t.core.width, t.core.height); },
        {"x, y, width, height of the tile's core on the analysis grid.", "px"});
  d.array("probability", &ProbabilityTile::probability,
          [](const ProbabilityTile& tile) {
            return std::vector<std::uint64_t>{tile.probability.empty() ? 0U : 1U,
                                              static_cast<std::uint64_t>(tile.rows()),
                                              static_cast<std::uint64_t>(tile.columns())};
          },
          "[1, height / 4, width / 4]", "dataset 'probability' does not match 'core'",
          {"Output (i, j) belongs to pixel (x + 4j, y + 4i); no row where only points were "
           "evaluated."});
  d.rows(&ProbabilityTile::points, "N", "point columns have different lengths")
      .column("point_probability", &ScoredPoint::probability, {"Probability of mitosis."})
      .column("point_grid", kGridPoint, {"x, y on the analysis grid.", "px"});
}

void Payload<DetectionSet>::describe(Description<DetectionSet>& d) {
  d.about("Detections of one slide, best first (ties: y, then x).");
  d.within(&DetectionSet::grid, describe_grid);
  d.rows(&DetectionSet::items, "N", "detection columns have different lengths")
      .column("score", &Detection::score, {"Highest probability in the object."})
      .column("coords", kCenter, {"x, y on level 0.", "px"})
      .column("pixels", &Detection::pixels, {"Outputs (4 x 4 px each) in the object."});
  describe_level(d);
  d.attribute("min_probability", &DetectionSet::min_probability, {"Threshold that was applied."});
  d.attribute("objects", &DetectionSet::objects,
              {"Connected components before non-maximum suppression."});
  d.brief("detections", [](const DetectionSet& set) { return set.items.size(); });
  d.brief("min_probability", &DetectionSet::min_probability);
}

void Payload<Hotspot>::describe(Description<Hotspot>& d) {
  d.about("Counts in a circle slid over the slide.");
  d.attribute("count_p95", &Hotspot::count_p95,
              {"95th percentile over the positions: the proliferation score."});
  d.attribute("count_max", &Hotspot::count_max, {"Highest count."});
  d.numbers("center", kCenter, {"x, y of the first position with it, on level 0.", "px"});
  d.attribute("radius_um", &Hotspot::radius_um, {"Radius of the circle.", "um"});
  d.attribute("area_mm2", &Hotspot::area_mm2, {"Area of the circle.", "mm2"});
  d.attribute("positions", &Hotspot::positions, {"Positions the percentile was taken over."});
  d.attribute("min_probability", &Hotspot::min_probability,
              {"Detections of this score and more are counted."});
  d.brief("count_p95", &Hotspot::count_p95);
  d.brief("count_max", &Hotspot::count_max);
}

void Payload<Grade>::describe(Description<Grade>& d) {
  d.about("Mitotic grade of one slide.");
  d.attribute("grade", &Grade::grade, {"1, 2 or 3."});
  d.attribute("count", &Grade::count, {"The count it was read from."});
  d.brief("grade", &Grade::grade);
}

template struct DescribedCodec<TissueMask>;
template struct DescribedCodec<CandidateSet>;
template struct DescribedCodec<ProbabilityTile>;
template struct DescribedCodec<DetectionSet>;
template struct DescribedCodec<Hotspot>;
template struct DescribedCodec<Grade>;

}  // namespace mito
