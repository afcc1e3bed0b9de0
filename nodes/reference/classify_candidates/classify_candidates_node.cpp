#include "engine/graph/node.h"
#include "nodes/reference/classify_candidates/classify_candidates.h"

namespace mito::nodes {
namespace {

/// slide, its spots, model -> probability of every spot.
struct ClassifyCandidates {
  static constexpr graph::NodeInfo kInfo{
      .type = "classify_candidates",
      .version = 1,
      .paper = "III-A",
      .summary = "Runs a network over the patch around every candidate of a slide.",
      .inputs = {"slide", "spots", "model"},
      .output = "scores",
      .concurrency = graph::Concurrency::Device};

  static SpotScores run(const classify_candidates::Params& params,
                        const graph::NodeContext& context,
                        const Slide& slide,
                        const SpotSet& spots,
                        const nn::Model& model) {
    return classify_candidates::classify(params, slide, spots, model,
                                         nn::device_from(context.device_or(params.device)),
                                         {context.stop, context.progress});
  }
};

}  // namespace

void register_classify_candidates(graph::Registry& registry) { registry.add<ClassifyCandidates>(); }

}  // namespace mito::nodes
