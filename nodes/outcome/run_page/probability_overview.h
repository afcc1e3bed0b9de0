#pragma once
#include "engine/core/params.h"
#include "engine/types/pathology.h"

namespace mito::run_page {

struct OverviewParams {
  double spacing_um = 8;

  static void describe(auto& p, auto&& field) {
    field("spacing_um", p.spacing_um,
          {.unit = Unit::Micron,
           .range = {2, 1000},
           .doc = "Distance of the values that are kept; each is the highest around it."});
  }
};

/// The probabilities of a slide on a grid so coarse that a page can show them.
class ProbabilityOverview {
 public:
  /// `analysis`: the grid that the tiles lie on, `coarse`: one of `spacing_um` / 4 um over the same
  /// slide.
  ProbabilityOverview(const Grid& analysis, const Grid& coarse);

  /// Tiles may come in any order.
  void add(const ProbabilityTile& tile);

  /// One tile of the coarse grid: the highest of the outputs that lie nearest to each of its own.
  ProbabilityTile finish() &&;

 private:
  void raise(double grid_x, double grid_y, float probability);

  Grid analysis_;
  ProbabilityTile out_;
};

}  // namespace mito::run_page
