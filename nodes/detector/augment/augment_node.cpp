#include "engine/graph/node.h"
#include "nodes/detector/augment/augment.h"

namespace mito::nodes {
namespace {

/// patches of a batch [, statistics of the stain] -> what the network sees.
struct Augment {
  static constexpr graph::NodeInfo kInfo{
      .type = "augment",
      .version = 1,
      .paper = "IV-B",
      .summary = "Changes the shape, stain and focus of training patches at random.",
      .inputs = {"batches", "statistics"},
      .output = "batches"};

  static TrainingBatch run(const augment::Params& params,
                           const PatchBatch& batch,
                           const image::StainStatistics* statistics) {
    return augment::apply(augment::augmentation(params, statistics), batch);
  }
};

/// patches [, the slides they lie in] -> statistics for RandStainNA.
struct FitRandStainNa {
  static constexpr graph::NodeInfo kInfo{
      .type = "fit_randstainna",
      .version = 1,
      .paper = "-",
      .summary = "Measures how the stain of training patches varies, for RandStainNA.",
      .inputs = {"patches", "slides"},
      .output = "statistics"};

  static image::StainStatistics run(const augment::FitParams& params,
                                    const PatchSet& patches,
                                    const SlideCollection* slides) {
    return augment::fit(params, patches, slides);
  }
};

}  // namespace

void register_augment(graph::Registry& registry) {
  registry.add<Augment>();
  registry.add<FitRandStainNa>();
}

}  // namespace mito::nodes
