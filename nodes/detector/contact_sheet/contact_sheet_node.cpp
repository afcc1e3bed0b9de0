#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
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
      .summary = "Cuts patches of a slide's candidates, to look at what augmentation does."};
  using Params = contact_sheet::PreviewParams;
  static constexpr std::array<std::string_view, 2> kInputs{"slide", "candidates"};
  static constexpr std::string_view kOutput = "patches";

  static PatchSet run(const Params& params, const Slide& slide, const CandidateSet& candidates) {
    return contact_sheet::preview_patches(params, slide, candidates);
  }
};

/// patches [, the slides they lie in] -> one batch of some of them.
struct PreviewBatch {
  static constexpr graph::NodeInfo kInfo{
      .type = "preview_batch",
      .version = 1,
      .paper = "-",
      .summary = "Takes a few patches of a set as one batch, to look at them."};
  using Params = contact_sheet::BatchParams;
  static constexpr std::array<std::string_view, 2> kInputs{"patches", "slides"};
  static constexpr std::string_view kOutput = "batch";

  static PatchBatch run(const Params& params,
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
      .sink = true};
  using Params = contact_sheet::Params;
  static constexpr std::array<std::string_view, 13> kInputs{
      "original", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
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
    const std::string png = contact_sheet::draw_png(params, original, batches);
    write_file(context.out_folder / "contact_sheet.png", png);
    return {"contact_sheet.png", sha256(png)};
  }
};

}  // namespace

void register_contact_sheet(graph::Registry& registry) {
  registry.add<PreviewPatches>();
  registry.add<PreviewBatch>();
  registry.add<ContactSheet>();
}

}  // namespace mito::nodes
