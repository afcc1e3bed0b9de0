#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/outcome/second_opinion/second_opinion.h"

namespace mito::nodes {
namespace {

/// slide, its detections, another model -> those that it confirms, with its scores.
struct SecondOpinion {
  static constexpr graph::NodeInfo kInfo{.type = "second_opinion",
                                         .version = 1,
                                         .paper = "IV-D",
                                         .summary = "Judges detections again with another network.",
                                         .inputs = {"slide", "detections", "model"},
                                         .output = "detections",
                                         .concurrency = graph::Concurrency::Device};

  static DetectionSet run(const second_opinion::Params& params,
                          const graph::NodeContext& context,
                          const Slide& slide,
                          const DetectionSet& detections,
                          const nn::Model& model) {
    const auto read = [&](const Rect& area) { return slide.read(slide.analysis_grid(), area); };
    return second_opinion::judge(
        params, detections, model, nn::device_from(context.device_or(params.device)), read,
        {context.stop, [&](double done) { context.progress("judging detections", done); }});
  }
};

}  // namespace

void register_second_opinion(graph::Registry& registry) { registry.add<SecondOpinion>(); }

}  // namespace mito::nodes
