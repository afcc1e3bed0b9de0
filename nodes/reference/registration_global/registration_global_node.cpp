#include "engine/graph/node.h"
#include "nodes/reference/registration_global/registration_global.h"

namespace mito::nodes {
namespace {

/// two slides of a section and their masks -> how the second lies on the first.
struct RegistrationGlobal {
  static constexpr graph::NodeInfo kInfo{
      .type = "registration_global",
      .version = 1,
      .paper = "III-B",
      .summary = "Finds how a PHH3 slide lies on its H&E slide, or refuses the pair."};
  using Params = registration_global::Params;
  static constexpr std::array<std::string_view, 4> kInputs{"he", "phh3", "he_mask", "phh3_mask"};
  static constexpr std::string_view kOutput = "registration";

  static std::string check(const Params& params) { return registration_global::check(params); }
  static GlobalRegistration run(const Params& params,
                                const graph::NodeContext& context,
                                const Slide& he,
                                const Slide& phh3,
                                const TissueMask& he_mask,
                                const TissueMask& phh3_mask) {
    return registration_global::align({he, phh3, he_mask, phh3_mask}, params, context.stop);
  }
};

}  // namespace

void register_registration_global(graph::Registry& registry) { registry.add<RegistrationGlobal>(); }

}  // namespace mito::nodes
