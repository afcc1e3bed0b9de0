#include <spdlog/fmt/fmt.h>

#include "engine/graph/node.h"
#include "engine/nn/model.h"
#include "nodes/detector/adaptation_sets/adaptation_sets.h"

namespace mito::nodes {
namespace {

/// slides with their detections, the network that made them -> patches that it shall not forget.
struct ReplayPatches {
  static constexpr graph::NodeInfo kInfo{
      .type = "replay_patches",
      .version = 1,
      .paper = "IV-C",
      .summary = "Draws patches of slides on which a network shall keep to what it says.",
      .inputs = {"slide_detections", "model"},
      .output = "patches"};

  static adaptation_sets::Replay begin(const adaptation_sets::ReplayParams& params,
                                       const graph::NodeContext& context,
                                       const nn::Model& model) {
    return {params, context.node, model.info().threshold};
  }
  static void add(adaptation_sets::Replay& replay,
                  std::uint32_t index,
                  const SlideDetections& slide_detections) {
    replay.add(index, slide_detections);
  }
  static PatchSet finish(adaptation_sets::Replay replay) { return replay.patches(); }
};

/// labelled places [, patches to replay] -> a training set, or one for every fold.
struct AdaptationSets {
  static constexpr graph::NodeInfo kInfo{
      .type = "adaptation_sets",
      .version = 1,
      .paper = "IV-C",
      .summary =
          "Joins a laboratory's labelled patches with those to be replayed, whole or fold by fold.",
      .inputs = {"places", "replay"},
      .output = "patches"};

  using Plan = std::vector<PatchSet>;

  static Plan plan(const adaptation_sets::Params& params,
                   const LabelledPlaces& places,
                   const PatchSet* replay) {
    return adaptation_sets::sets(params, places, replay);
  }
  static PatchSet element(const Plan& plan, std::uint32_t index) { return plan.at(index); }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const std::string name = fmt::format("fold-{}", index + 1);
    return {content_digest(plan.at(index)), name, plan.size() > 1 ? name : ""};
  }
};

}  // namespace

void register_adaptation_sets(graph::Registry& registry) {
  registry.add<ReplayPatches>();
  registry.add<AdaptationSets>();
}

}  // namespace mito::nodes
