#include "engine/graph/node.h"
#include "nodes/outcome/set_threshold/set_threshold.h"
#include "nodes/outcome/study/study_origin.h"

namespace mito::nodes {
namespace {

/// model [, the threshold that was chosen on other cases, or the file that holds it] -> the model
/// with that threshold.
struct SetThreshold {
  static constexpr graph::NodeInfo kInfo{
      .type = "set_threshold",
      .version = 1,
      .paper = "V",
      .summary = "Gives a model the threshold of its detections, and says how it was chosen.",
      .inputs = {"model", "tuning", "tuning_file"},
      .output = "model"};

  static nn::Model run(const set_threshold::Params& params,
                       const nn::Model& model,
                       const Tuning* tuning,
                       const File* tuning_file) {
    const auto origin = nn::study_origin(&model, tuning, tuning_file);
    return set_threshold::with_threshold(params, model, origin.tuned());
  }
};

}  // namespace

void register_set_threshold(graph::Registry& registry) { registry.add<SetThreshold>(); }

}  // namespace mito::nodes
