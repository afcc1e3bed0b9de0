#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "nodes/detector/collect_candidates/collect_candidates.h"

namespace mito::nodes {
namespace {

/// candidates of the tiles -> candidates of the slide.
struct CollectCandidates {
  static constexpr graph::NodeInfo kInfo{.type = "collect_candidates",
                                         .version = 1,
                                         .paper = "IV-A",
                                         .summary = "Joins the candidates of a slide's tiles."};
  static constexpr std::array<std::string_view, 2> kInputs{"candidates", "slide"};
  static constexpr std::string_view kOutput = "candidates";

  static CandidateSet begin(const NoParams&, std::uint32_t /*size*/, const Slide& slide) {
    return {{}, slide.info().mpp_x};
  }
  static void add(CandidateSet& all, std::uint32_t /*index*/, const CandidateSet& tile) {
    all.items.insert(all.items.end(), tile.items.begin(), tile.items.end());
  }
  static CandidateSet finish(CandidateSet all) {
    all.items = collect_candidates::darkest_first(std::move(all.items));
    return all;
  }
};

}  // namespace

void register_collect_candidates(graph::Registry& registry) { registry.add<CollectCandidates>(); }

}  // namespace mito::nodes
