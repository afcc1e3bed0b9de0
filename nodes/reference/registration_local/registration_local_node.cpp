#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/graph/node.h"
#include "nodes/reference/registration_local/registration_local.h"

namespace mito::nodes {
namespace {

/// two slides, how they lie, and spots of the second [with scores] -> their places on the first.
struct RegistrationLocal {
  static constexpr graph::NodeInfo kInfo{
      .type = "registration_local",
      .version = 1,
      .paper = "III-B",
      .summary = "Carries spots of a PHH3 slide to its H&E slide, one tile pair per spot."};
  using Params = registration_local::Params;
  static constexpr std::array<std::string_view, 5> kInputs{"he", "phh3", "global", "spots",
                                                           "scores"};
  static constexpr std::string_view kOutput = "registration";

  static LocalRegistration run(const Params& params,
                               const graph::NodeContext& context,
                               const Slide& he,
                               const Slide& phh3,
                               const GlobalRegistration& global,
                               const SpotSet& spots,
                               const SpotScores* scores) {
    const auto progress = [&](std::size_t done, std::size_t all) {
      if (context.stop())
        throw Interrupted(fmt::format("stopped after registering {} of {} objects", done, all));
      context.progress(fmt::format("registering {} objects", all),
                       static_cast<double>(done) / static_cast<double>(all));
    };
    return registration_local::refine(he, phh3, global, spots, scores, params, progress);
  }
};

}  // namespace

void register_registration_local(graph::Registry& registry) { registry.add<RegistrationLocal>(); }

}  // namespace mito::nodes
