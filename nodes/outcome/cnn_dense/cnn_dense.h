#pragma once
#include <string>

#include "engine/core/params.h"
#include "engine/nn/model.h"
#include "engine/types/pathology.h"

namespace mito::cnn_dense {

struct Params {
  std::string mode = "dense";
  std::string device = "auto";
  std::string backend = "auto";
  std::int64_t filter_memory_mib = 1536;
  std::string precision = "float32";
  std::int64_t views = 1;

  static void describe(auto& p, auto&& field) {
    field("mode", p.mode,
          {.choices = {"dense", "candidates"},
           .origin = Origin::Paper,
           .doc = "dense: every fourth pixel of the tissue; candidates: only at the candidates, "
                  "which must be connected."});
    describe_network(p, field);
  }
  /// All but the mode.
  static void describe_network(auto& p, auto&& field) {
    field("device", p.device,
          device_field("Where the network runs; auto takes an accelerator when there is one."));
    field(
        "backend", p.backend,
        {.choices = {"auto", "fft", "torch"},
         .doc = "What computes the dense map: fft, own kernels for processors, which need no "
                "LibTorch; torch, the reference; auto: fft on processors, torch on accelerators. A "
                "network made elsewhere takes auto."});
    field("filter_memory_mib", p.filter_memory_mib,
          {.unit = Unit::Mebibyte,
           .range = {1, 65536},
           .doc = "Memory of backend fft for the filters of a model, shared by all threads. More "
                  "makes it faster, in three steps (docs/performance.md)."});
    field("precision", p.precision,
          {.choices = {"float32", "mixed"},
           .doc = "Of backend torch in mode dense. mixed: weights and products in 16 bits (CUDA: "
                  "half, CPU: bfloat16), sums in float32."});
    field("views", p.views,
          {.range = {1, 8},
           .affects = Affects::Addition,
           .doc = "Mode dense: a value is the mean over so many images of the same pixels "
                  "(test-time augmentation), which takes so many times as long: as they are, "
                  "mirrored left to right, top to bottom, both, and these four transposed."});
  }
};

/// Of a dense map with blocks left out.
struct ScreenedParams : Params {
  double skip_below = 0;

  static void describe(auto& p, auto&& field) {
    describe_network(p, field);
    field("skip_below", p.skip_below,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Blocks of 256 px in which the map of a cheap network (input 'cheap') is nowhere "
                  "so high are not computed, and are 0."});
  }
};

/// Which blocks of 256 px to compute: those in which the map of a cheap network, of the same tile,
/// reaches `skip_below` somewhere.
struct Screen {
  const ProbabilityTile& cheap;
  double skip_below = 0;
};

/// Mitosis probability of one tile: dense map on tissue (method 9.1) or at `candidates` only.
///
/// The dense map is computed in blocks of 256 px that start at the origin of the analysis grid, and
/// tiles of any multiple of 256 px give the same bits (ADR 0005, 0015). Blocks without tissue are
/// skipped, and those that `screen` leaves out; positions
/// off tissue or off the slide are 0. A network made elsewhere goes over the
/// same blocks, or parts of them (nn::squares_of). Throws DataError when the halo is below 50 px
/// (85 px with backend fft, 88 px with it and more than one view), when there are several views of
/// candidates, when backend fft is asked for on an accelerator or in mixed precision,
/// when core and outputs do not line up, when the model belongs to another resolution or cannot be
/// evaluated densely, when `mode: candidates` has no candidates, or when the map of
/// `screen` is not dense or of another tile.
ProbabilityTile evaluate(const Params& params,
                         const Tile& tile,
                         const TissueMask& mask,
                         const nn::Model& model,
                         const CandidateSet* candidates,
                         nn::Device device,
                         const Screen* screen = nullptr);

/// Where `params` make the network run, if `device` was chosen for the whole run.
nn::Device device_of(const Params& params, const std::string& device);

}  // namespace mito::cnn_dense
