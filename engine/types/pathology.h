#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/described.h"
#include "engine/types/geometry.h"

namespace mito {

/// What lies under a pixel of the slide (method 2.1). The numbers are those of the store.
enum class Ground : std::uint8_t { Glass = 0, Tissue = 1, Pen = 2, Unscanned = 3, Debris = 4 };

/// "glass", "tissue", "pen", "unscanned" or "debris" (dust, edges of the cover slip).
std::string_view name_of(Ground ground);

/// Tissue against background at low resolution (method 2).
struct TissueMask {
  Grid grid;                         ///< Mask pixels over the slide; grid.mpp is 8 by default.
  std::vector<std::uint8_t> tissue;  ///< [height][width], 1 = tissue.
  double area_mm2 = 0;
  std::int64_t regions = 0;  ///< 8-connected regions after the clean-up.
  /// The decision between tissue and glass: a saturation of 0 to 255 (otsu), an optical density
  /// (auto), a local contrast (fesi). NaN when there was none: a mask from a file, a slide without
  /// glass.
  double threshold = 0;
  std::vector<std::uint8_t> ground = {};  ///< [height][width] of Ground; 1 where `tissue` is.
  std::string doubt =
      {};  ///< Why the mask may be wrong, as a sentence; empty when nothing says so.

  bool at(std::int64_t x, std::int64_t y) const {
    return grid.bounds().contains(x, y) &&
           tissue[static_cast<std::size_t>(y * grid.width + x)] != 0;
  }
  /// Is the pixel centre (x, y) of grid `g` on tissue? `g` must lie over the same slide.
  bool covers(const Grid& g, std::int64_t x, std::int64_t y) const;
  /// Does any mask pixel that touches `area` (pixels of grid `g`) hold tissue?
  bool touches(const Grid& g, const Rect& area) const;
  /// mm2 of one kind of ground.
  double area_of(Ground kind) const;
  /// "pen 1.2 mm2, unscanned 0.3 mm2": what is neither tissue nor glass; empty when there is none.
  std::string excluded() const;
};

/// RGB pixels of a rectangle of the analysis grid: a core it answers for and a halo to look at.
struct Tile {
  Grid grid;
  Rect core;
  std::int64_t halo = 0;  ///< Pixels known around the core, the same on every side.
  std::vector<std::uint8_t>
      rgb;  ///< [core.height + 2 halo][core.width + 2 halo][3]; white off the slide.

  Rect area() const { return core.grown(halo); }
};

/// A dark round spot that may be a mitosis (method 5).
struct Candidate {
  PointL0 center;
  std::int64_t grid_x = 0;  ///< Pixel of the analysis grid.
  std::int64_t grid_y = 0;
  float intensity = 0;  ///< (R + G + B) / 765 at the centre.
  bool operator==(const Candidate&) const = default;
};

/// Candidates of one tile, or of one slide. Of a tile: centred in its core, darkest first.
struct CandidateSet {
  std::vector<Candidate> items;
  double mpp = 0;  ///< um per level-0 pixel (x), so that a stored table can be read on its own.
};

/// One output of the network: probability of mitosis at a pixel of the analysis grid.
struct ScoredPoint {
  std::int64_t grid_x = 0;
  std::int64_t grid_y = 0;
  float probability = 0;
};

/// Mitosis probabilities of one tile (method 9.1). Dense: output (row i, column j) belongs to
/// analysis-grid pixel (core.x + 4j, core.y + 4i); off tissue and off the slide it is 0.
struct ProbabilityTile {
  static constexpr std::int64_t kStride = 4;

  Grid grid;
  Rect core;  ///< x, y, width and height are multiples of kStride.
  std::vector<float>
      probability;  ///< [core.height / 4][core.width / 4]; empty when `points` is used.
  std::vector<ScoredPoint> points;  ///< `mode: candidates`: only these were evaluated.

  std::int64_t columns() const { return core.width / kStride; }
  std::int64_t rows() const { return core.height / kStride; }
};

/// A claimed mitotic figure.
struct Detection {
  PointL0 center;
  double score = 0;         ///< Highest probability in the object.
  std::int64_t pixels = 0;  ///< Outputs (4 x 4 px each) in the object.
  bool operator==(const Detection&) const = default;
};

/// Detections of one slide, best first (ties: y, then x).
struct DetectionSet {
  Grid grid;  ///< Analysis grid of the slide.
  std::vector<Detection> items;
  double min_probability = 0;  ///< delta that was applied.
  std::int64_t objects = 0;    ///< Connected components before non-maximum suppression.
};

/// Counts in a circle of `area_mm2` slid over the slide (method 9.4).
struct Hotspot {
  double count_p95 = 0;  ///< 95th percentile over the positions: the proliferation score.
  std::int64_t count_max = 0;
  PointL0 center;  ///< First position (y, then x) with the highest count.
  double radius_um = 0;
  double area_mm2 = 0;
  std::int64_t positions = 0;  ///< Positions the percentile was taken over.
  double min_probability = 0;  ///< Threshold delta of what was counted (method 9.6).
};

/// Mitotic grade of one slide (method 9.5).
struct Grade {
  std::int64_t grade = 1;  ///< 1, 2 or 3.
  double count = 0;        ///< The count it was read from.
};

template <>
struct Payload<TissueMask> {
  static constexpr TypeDesc kDesc{"TissueMask", 2};
  static void describe(Description<TissueMask>& d);
};
template <>
struct Payload<Tile> {
  static constexpr TypeDesc kDesc{"Tile", 1};
};
template <>
struct Payload<CandidateSet> {
  static constexpr TypeDesc kDesc{"CandidateSet", 1};
  static void describe(Description<CandidateSet>& d);
};
template <>
struct Payload<ProbabilityTile> {
  static constexpr TypeDesc kDesc{"ProbabilityTile", 1};
  static void describe(Description<ProbabilityTile>& d);
};
template <>
struct Payload<DetectionSet> {
  static constexpr TypeDesc kDesc{"DetectionSet", 1};
  static void describe(Description<DetectionSet>& d);
};
template <>
struct Payload<Hotspot> {
  static constexpr TypeDesc kDesc{"Hotspot", 2};
  static void describe(Description<Hotspot>& d);
};
template <>
struct Payload<Grade> {
  static constexpr TypeDesc kDesc{"Grade", 1};
  static void describe(Description<Grade>& d);
};

}  // namespace mito
