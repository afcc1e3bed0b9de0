#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/pathology.h"
#include "engine/types/restained.h"
#include "engine/types/spot_tile.h"

namespace mito::phh3_candidates {

/// What is looked for in each tile.
struct TileParams {
  std::string matrix = "HDX";
  std::vector<double> rows = {};
  double keep_above = 0.2;

  static void describe(auto& p, auto&& field) {
    field("matrix", p.matrix,
          {.choices = {"HDX", "HED", "raw2001", "custom"},
           .doc = "Stain matrix that tells DAB from haematoxylin; rows of unit length."});
    field(
        "rows", p.rows,
        {.doc = "Of matrix custom: nine numbers, haematoxylin, DAB and a third stain by R, G, B."});
    field("keep_above", p.keep_above,
          {.range = {0.05, 5},
           .doc = "Amount of DAB (natural-log OD) up to which pixels are forgotten: the lowest "
                  "dab_threshold that collect_phh3_candidates can use on the result."});
  }
};

/// What is made of the tiles of a slide.
struct Params {
  std::string dab_threshold = "0.3";
  double close_um = 0;
  double min_area_um2 = 7;
  double max_area_um2 = 1000;
  double merge_um = 0;
  std::int64_t max_candidates = 10'000'000;

  static void describe(auto& p, auto&& field) {
    field(
        "dab_threshold", p.dab_threshold,
        {.doc = "A pixel is positive above this amount of DAB (natural-log OD). auto: Otsu of the "
                "amounts above 0.05 on the slide's tissue, limited to 0.2 to 0.6."});
    field("close_um", p.close_um,
          {.unit = Unit::Micron,
           .range = {0, 20},
           .doc = "Radius of the disc that closes gaps between positive pixels; 0 = none."});
    field("min_area_um2", p.min_area_um2,
          {.range = {0, 1e9}, .doc = "Smallest area of a candidate, holes filled."});
    field("max_area_um2", p.max_area_um2,
          {.range = {0, 1e9}, .doc = "Largest area of a candidate, holes filled."});
    field("merge_um", p.merge_um,
          {.unit = Unit::Micron,
           .range = {0, 100},
           .origin = Origin::Paper,
           .doc = "Candidates with centroids closer than this become one, such as the two halves "
                  "of an anaphase; 0 = none, as in the paper."});
    field("max_candidates", p.max_candidates,
          {.range = {1, 2e9}, .doc = "More candidates than this on a slide are an error."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const TileParams& params);
std::string check(const Params& params);

/// Pixels of the tile's core that lie on the slide and on tissue and hold more DAB than
/// `keep_above`, with -ln(max(I, 1) / 255) (Sec. III-A, method 4.3).
/// Throws DataError when the pixels do not match the tile.
SpotTile find(const Tile& tile, const TissueMask& mask, const TileParams& params);

/// Joins the tiles of one slide to its candidates: threshold, closing, holes filled, 8-connected
/// components over all seams, limits of area, merging (method 4.3). The result is the same for
/// every tiling and order.
class Collector {
 public:
  /// `slide_name` is for messages. Throws ConfigError when `params` do not pass check().
  Collector(Params params, std::string slide_name);

  /// Throws DataError when the tile is on another grid than those before, or kept less than the
  /// threshold needs.
  void add(const SpotTile& tile);

  /// `empty_grid` becomes the grid of a slide without tiles. Throws DataError when there are too
  /// many candidates, saying what to do.
  SpotSet finish(const Grid& empty_grid);

 private:
  /// Positive pixels of one row, from one tile.
  struct Piece {
    std::int64_t y = 0;
    std::int64_t x0 = 0;
    std::int64_t x1 = 0;
    std::int64_t dab = 0;  ///< Sum of amounts, in units that add up exactly in any order.
  };

  void take(const SpotTile& tile, double threshold);
  double automatic() const;

  Params params_;
  std::string slide_name_;
  std::optional<double> fixed_;
  std::optional<Grid> grid_;
  std::vector<SpotTile> waiting_;  ///< Until the automatic threshold is known.
  std::vector<Piece> pieces_;
};

}  // namespace mito::phh3_candidates
