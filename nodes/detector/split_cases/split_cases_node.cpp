#include "engine/graph/node.h"
#include "engine/slide/slide_collection.h"
#include "nodes/detector/split_cases/split_cases.h"

namespace mito::nodes {
namespace {

/// pool -> the same pool with the set of every slide.
struct SplitCases {
  static constexpr graph::NodeInfo kInfo{
      .type = "split_cases",
      .version = 1,
      .paper = "IV-A",
      .summary = "Assigns whole cases to training, validation and test.",
      .inputs = {"pool"},
      .output = "pool"};

  static CandidatePool run(const split_cases::Params& params, const CandidatePool& pool) {
    return split_cases::split(params, pool);
  }
};

/// pool with its sets, all slides -> the slides of one set.
struct SetSlides {
  static constexpr graph::NodeInfo kInfo{
      .type = "set_slides",
      .version = 1,
      .paper = "V",
      .summary = "Goes through the slides whose cases are of one set.",
      .inputs = {"pool", "slides"},
      .output = "slide"};

  struct Plan {
    std::vector<PoolSlide> chosen;
    SlideCollection slides;
    std::size_t size() const { return chosen.size(); }
  };

  static Plan plan(const split_cases::SlidesParams& params,
                   const CandidatePool& pool,
                   const SlideCollection& slides) {
    return {split_cases::slides_of(case_set_from(params.set), pool), slides};
  }
  static Slide element(const Plan& plan, std::uint32_t index) {
    const auto& chosen = plan.chosen.at(index);
    return plan.slides.at(chosen.identity, chosen.name);
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& chosen = plan.chosen.at(index);
    return {chosen.identity, chosen.name, ""};
  }
};

}  // namespace

void register_split_cases(graph::Registry& registry) {
  registry.add<SplitCases>();
  registry.add<SetSlides>();
}

}  // namespace mito::nodes
