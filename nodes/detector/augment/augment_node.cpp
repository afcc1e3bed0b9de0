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
      .summary = "Changes the shape, stain and focus of training patches at random."};
  using Params = augment::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"batches", "statistics"};
  static constexpr std::string_view kOutput = "batches";

  static std::string check(const Params& params) { return augment::check(params); }
  static TrainingBatch run(const Params& params,
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
      .summary = "Measures how the stain of training patches varies, for RandStainNA."};
  using Params = augment::FitParams;
  static constexpr std::array<std::string_view, 2> kInputs{"patches", "slides"};
  static constexpr std::string_view kOutput = "statistics";

  static image::StainStatistics run(const Params& params,
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
