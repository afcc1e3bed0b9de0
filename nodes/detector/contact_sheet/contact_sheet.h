#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide_collection.h"
#include "engine/types/pathology.h"
#include "engine/types/training.h"

namespace mito::contact_sheet {

struct PreviewParams {
  int count = 200;

  static void describe(auto& p, auto&& field) {
    field("count", p.count,
          {.range = {1, 9999}, .doc = "At most so many patches, evenly spread over the list."});
  }
};

/// Patches of candidates of a slide, with pixels of their own; candidates whose patch would reach
/// beyond the slide are left out. Throws DataError when none is left.
PatchSet preview_patches(const PreviewParams& params,
                         const Slide& slide,
                         const CandidateSet& candidates);

struct BatchParams {
  int rows = 6;
  std::int64_t seed = 1;

  static void describe(auto& p, auto&& field) {
    field("rows", p.rows,
          {.range = {1, 200}, .doc = "At most so many patches, evenly spread over the list."});
    field("seed", p.seed, seed_field("Of the random numbers of the augmentation."));
  }
};

/// Some patches of a set as one batch, as if they were the first batch of a training. `slides` may
/// be null when the set has its own pixels. Throws DataError as PatchReader does, or when the set
/// is empty.
PatchBatch preview_batch(const BatchParams& params,
                         const PatchSet& set,
                         const SlideCollection* slides);

struct Params {
  std::vector<std::string> columns = {};
  int scale = 1;

  static void describe(auto& p, auto&& field) {
    field("columns", p.columns,
          {.doc = "What to write above each connected batch, in the order of the ports."});
    field("scale", p.scale,
          {.range = {1, 4}, .doc = "Pixels of the picture per pixel of a patch."});
  }
};

/// Patches side by side as the paper's figures 5 and 6 show them: a row per patch, first its middle
/// as it was cut, then as each batch has it. PNG. Throws DataError when the batches differ in
/// length or the captions in number.
std::string draw_png(const Params& params,
                     const PatchBatch& original,
                     const std::vector<const TrainingBatch*>& batches);

struct StainParams {
  double sigma = 0.05;
  std::int64_t seed = 1;
  int scale = 1;

  static void describe(auto& p, auto&& field) {
    field("sigma", p.sigma,
          {.range = {0, 1},
           .origin = Origin::Paper,
           .doc = "alpha in 1 +- sigma, beta in +- sigma, six independent draws for each patch."});
    field("seed", p.seed, seed_field("Of these draws."));
    field("scale", p.scale,
          {.range = {1, 4}, .doc = "Pixels of the picture per pixel of a patch."});
  }
};

/// What stain augmentation does to patches, as the paper's figure 6 shows it: a row per patch, with
/// its middle, its haematoxylin, eosin and residual (the third row of HED), the same three after
/// S <- alpha S + beta, and the patch that they make (Sec. IV-B eq. 5 to 7, method 4.2, 6.3). Grey
/// is an amount, dark is much; both pictures of a stain have one scale over all rows. PNG. Throws
/// DataError when the batch has no patch or contradicts itself.
std::string draw_stains_png(const StainParams& params, const PatchBatch& batch);

}  // namespace mito::contact_sheet
