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
      .summary = "Assigns whole cases to training, validation and test."};
  using Params = split_cases::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"pool"};
  static constexpr std::string_view kOutput = "pool";

  static std::string check(const Params& params) { return split_cases::check(params); }
  static CandidatePool run(const Params& params, const CandidatePool& pool) {
    return split_cases::split(params, pool);
  }
};

/// pool with its sets, all slides -> the slides of one set.
struct SetSlides {
  static constexpr graph::NodeInfo kInfo{
      .type = "set_slides",
      .version = 1,
      .paper = "V",
      .summary = "Goes through the slides whose cases are of one set."};
  using Params = split_cases::SlidesParams;
  static constexpr std::array<std::string_view, 2> kInputs{"pool", "slides"};
  static constexpr std::string_view kOutput = "slide";

  struct Plan {
    std::vector<PoolSlide> chosen;
    SlideCollection slides;
    std::size_t size() const { return chosen.size(); }
  };

  static Plan plan(const Params& params, const CandidatePool& pool, const SlideCollection& slides) {
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
