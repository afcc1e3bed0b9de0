#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/pathology.h"

namespace mito::objects {

struct Params {
  double binarise = 0.8;
  double min_probability = 0.919;
  double min_distance_um = 25;
  std::string position = "centroid";

  static void describe(auto& p, auto&& field) {
    field("binarise", p.binarise,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .origin = Origin::Paper,
           .doc = "Outputs with at least this probability form objects (Sec. IV-D)."});
    field("min_probability", p.min_probability,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .origin = Origin::Paper,
           .doc = "Threshold delta: objects with at least this score are detections (0.919 for the "
                  "detection of mitoses, 0.970 for the grading of slides)."});
    field("min_distance_um", p.min_distance_um,
          {.unit = Unit::Micron,
           .range = {0, 250},
           .origin = Origin::Paper,
           .doc = "Distance d: an object closer than this to a better one is dropped (100 px)."});
    field(
        "position", p.position,
        {.choices = {"centroid", "argmax"},
         .doc = "Where an object lies: at the probability-weighted centroid of its outputs, or at "
                "the highest output (ties: smallest y, then x)."});
  }
};

/// One output of the network with a probability that counts, at a pixel of the analysis grid.
struct Output {
  std::int64_t x = 0;
  std::int64_t y = 0;
  double probability = 0;
  bool operator==(const Output&) const = default;
};

/// A connected set of outputs, in pixels of the analysis grid.
struct Object {
  double x = 0;
  double y = 0;
  double score = 0;         ///< Highest probability.
  std::int64_t pixels = 0;  ///< Outputs.
  bool operator==(const Object&) const = default;
};

enum class Position : std::uint8_t { Centroid, Argmax };

/// 8-connected components of `outputs`, which lie on a lattice of `stride` px and in any order;
/// positions occur once. In raster order of each component's first output. METHODS 9.2.
std::vector<Object> connect(std::vector<Output> outputs, std::int64_t stride, Position position);

/// Best first: by score, ties by y, then x.
void sort_best_first(std::vector<Object>& objects);

/// Non-maximum suppression: best first, an object closer than `distance_px` to one that was kept is
/// dropped. Returns the kept ones, best first. METHODS 9.2.
std::vector<Object> suppress(std::vector<Object> objects, double distance_px);

/// What a slide's tiles leave to say: the outputs at or above `binarise`, in any tile order.
struct Collected {
  std::vector<Output> dense;   ///< Of dense maps, to be connected.
  std::vector<Output> points;  ///< Of single evaluated points, each an object of its own.

  void add(const ProbabilityTile& tile, double binarise);
};

/// Objects, suppression, threshold. `grid` is the analysis grid of the slide. Sec. IV-D.
DetectionSet detections(Collected collected, const Grid& grid, const Params& params);

}  // namespace mito::objects
