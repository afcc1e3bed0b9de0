#include "engine/graph/node.h"
#include "nodes/detector/contact_sheet/contact_sheet.h"

namespace mito::nodes {
namespace {

/// slide, its candidates -> some of their patches.
struct PreviewPatches {
  static constexpr graph::NodeInfo kInfo{
      .type = "preview_patches",
      .version = 1,
      .paper = "-",
      .summary = "Cuts patches of a slide's candidates, to look at what augmentation does.",
      .inputs = {"slide", "candidates"},
      .output = "patches"};

  static PatchSet run(const contact_sheet::PreviewParams& params,
                      const Slide& slide,
                      const CandidateSet& candidates) {
    return contact_sheet::preview_patches(params, slide, candidates);
  }
};

/// patches [, the slides they lie in] -> one batch of some of them.
struct PreviewBatch {
  static constexpr graph::NodeInfo kInfo{
      .type = "preview_batch",
      .version = 1,
      .paper = "-",
      .summary = "Takes a few patches of a set as one batch, to look at them.",
      .inputs = {"patches", "slides"},
      .output = "batch"};

  static PatchBatch run(const contact_sheet::BatchParams& params,
                        const PatchSet& patches,
                        const SlideCollection* slides) {
    return contact_sheet::preview_batch(params, patches, slides);
  }
};

/// one batch, and what different augmentations made of it -> contact_sheet.png.
struct ContactSheet {
  static constexpr graph::NodeInfo kInfo{
      .type = "contact_sheet",
      .version = 1,
      .paper = "IV-B",
      .summary = "Draws patches beside what each augmentation made of them.",
      .inputs = {"original", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"},
      .sink = true};

  static OutputFile run(const contact_sheet::Params& params,
                        const PatchBatch& original,
                        const TrainingBatch* a,
                        const TrainingBatch* b,
                        const TrainingBatch* c,
                        const TrainingBatch* d,
                        const TrainingBatch* e,
                        const TrainingBatch* f,
                        const TrainingBatch* g,
                        const TrainingBatch* h,
                        const TrainingBatch* i,
                        const TrainingBatch* j,
                        const TrainingBatch* k,
                        const TrainingBatch* l) {
    std::vector<const TrainingBatch*> batches{a, b, c, d, e, f, g, h, i, j, k, l};
    std::erase(batches, nullptr);
    return {"contact_sheet.png", contact_sheet::draw_png(params, original, batches)};
  }
};

/// one batch -> stain_sheet.png.
struct StainSheet {
  static constexpr graph::NodeInfo kInfo{
      .type = "stain_sheet",
      .version = 1,
      .paper = "IV-B",
      .summary = "Draws the stains of patches, what stain augmentation makes of them, and back.",
      .inputs = {"batch"},
      .sink = true};

  static OutputFile run(const contact_sheet::StainParams& params, const PatchBatch& batch) {
    return {"stain_sheet.png", contact_sheet::draw_stains_png(params, batch)};
  }
};

}  // namespace

void register_contact_sheet(graph::Registry& registry) {
  registry.add<PreviewPatches>();
  registry.add<PreviewBatch>();
  registry.add<ContactSheet>();
  registry.add<StainSheet>();
}

}  // namespace mito::nodes
