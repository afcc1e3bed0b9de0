#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/outcome/cascade/cascade.h"

namespace mito::nodes {
namespace {

/// map of a cheap network (tiles), tissue -> its highest value in every block of the slide.
struct CascadeBlocks {
  static constexpr graph::NodeInfo kInfo{
      .type = "cascade_blocks",
      .version = 1,
      .paper = "IV-D",
      .summary = "Finds the highest value of a cheap network in every block of 256 px.",
      .inputs = {"cheap", "mask"},
      .output = "blocks"};

  static cascade::Blocks begin(const TissueMask& mask) { return cascade::Blocks(mask); }
  static void add(cascade::Blocks& blocks, const ProbabilityTile& cheap) { blocks.add(cheap); }
};

/// blocks and detections of an expensive network [, those of the cascade] -> what the slide says of
/// a bound.
struct CascadeEvidence {
  static constexpr graph::NodeInfo kInfo{
      .type = "cascade_evidence",
      .version = 1,
      .paper = "IV-D",
      .summary = "Puts the detections of an expensive network beside what a cheap one says there.",
      .inputs = {"blocks", "slide", "detections", "kept"},
      .output = "evidence"};

  static cascade::Evidence run(const cascade::Blocks& blocks,
                               const Slide& slide,
                               const DetectionSet& detections,
                               const DetectionSet* kept) {
    return blocks.evidence(slide.info().name, detections, kept);
  }
};

/// evidence of the slides -> cascade.json.
struct CascadeBound {
  static constexpr graph::NodeInfo kInfo{
      .type = "cascade_bound",
      .version = 1,
      .paper = "IV-D",
      .summary =
          "Chooses below which value of a cheap network an expensive one need not look, or "
          "reports what that loses.",
      .inputs = {"evidence"},
      .sink = true};

  static void add(std::vector<cascade::Evidence>& slides, const cascade::Evidence& slide) {
    slides.push_back(slide);
  }
  static OutputFile finish(const cascade::Params& params, std::vector<cascade::Evidence> slides) {
    return {cascade::kFile, cascade::report(params, slides)};
  }
};

}  // namespace

void register_cascade(graph::Registry& registry) {
  registry.add<CascadeBlocks>();
  registry.add<CascadeEvidence>();
  registry.add<CascadeBound>();
}

}  // namespace mito::nodes
