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
      .summary = "Runs a network over the patch around every candidate of a slide."};
  using Params = classify_candidates::Params;
  static constexpr std::array<std::string_view, 3> kInputs{"slide", "spots", "model"};
  static constexpr std::string_view kOutput = "scores";

  static graph::Concurrency concurrency(const Params& params) {
    return params.device == "cuda" ? graph::Concurrency::Device : graph::Concurrency::Parallel;
  }

  static SpotScores run(const Params& params,
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
