#include "engine/graph/node.h"
#include "engine/slide/slide_collection.h"
#include "nodes/detector/candidate_pool/candidate_pool.h"

namespace mito::nodes {
namespace {

/// labelled candidates of all slides -> one pool of them.
struct CandidatePoolNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "candidate_pool",
      .version = 1,
      .paper = "IV-A",
      .summary = "Joins the labelled candidates of all slides into one pool."};
  static constexpr std::array<std::string_view, 1> kInputs{"labelled"};
  static constexpr std::string_view kOutput = "pool";

  static CandidatePool begin(const NoParams&, std::uint32_t /*size*/) { return {}; }
  static void add(CandidatePool& pool, std::uint32_t /*index*/, const LabelledCandidates& slide) {
    candidate_pool::add(pool, slide);
  }
  static CandidatePool finish(CandidatePool pool) { return pool; }
};

/// slides -> all of them in the hands of the run, to cut patches from.
struct CollectSlides {
  static constexpr graph::NodeInfo kInfo{
      .type = "collect_slides",
      .version = 1,
      .paper = "-",
      .summary = "Keeps all slides at hand, so that patches can be cut from any of them."};
  static constexpr std::array<std::string_view, 1> kInputs{"slide"};
  static constexpr std::string_view kOutput = "slides";

  static SlideCollection begin(const NoParams&, std::uint32_t /*size*/) { return {}; }
  static void add(SlideCollection& slides, std::uint32_t /*index*/, const Slide& slide) {
    slides.add(slide);
  }
  static SlideCollection finish(SlideCollection slides) { return slides; }
};

}  // namespace

void register_candidate_pool(graph::Registry& registry) {
  registry.add<CandidatePoolNode>();
  registry.add<CollectSlides>();
}

}  // namespace mito::nodes
