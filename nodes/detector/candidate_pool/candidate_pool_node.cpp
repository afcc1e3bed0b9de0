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
      .summary = "Joins the labelled candidates of all slides into one pool.",
      .inputs = {"labelled"},
      .output = "pool"};

  static void add(CandidatePool& pool, const LabelledCandidates& slide) {
    candidate_pool::add(pool, slide);
  }
};

/// slides -> all of them in the hands of the run, to cut patches from.
struct CollectSlides {
  static constexpr graph::NodeInfo kInfo{
      .type = "collect_slides",
      .version = 1,
      .paper = "-",
      .summary = "Keeps all slides at hand, so that patches can be cut from any of them.",
      .inputs = {"slide"},
      .output = "slides"};

  static void add(SlideCollection& slides, const Slide& slide) { slides.add(slide); }
};

}  // namespace

void register_candidate_pool(graph::Registry& registry) {
  registry.add<CandidatePoolNode>();
  registry.add<CollectSlides>();
}

}  // namespace mito::nodes
