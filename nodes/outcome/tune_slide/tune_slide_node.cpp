#include "engine/graph/node.h"
#include "nodes/outcome/tune_slide/tune_slide.h"

namespace mito::nodes {
namespace {

/// counts of the tuning slides at every threshold -> delta, theta1 and theta2.
struct TuneSlide {
  static constexpr graph::NodeInfo kInfo{
      .type = "tune_slide",
      .version = 1,
      .paper = "V",
      .summary = "Chooses the threshold of detections by Spearman and those of grades by kappa."};
  static constexpr std::array<std::string_view, 1> kInputs{"counts"};
  static constexpr std::string_view kOutput = "tuning";

  static std::vector<stats::SlideCounts> begin(const NoParams&, std::uint32_t /*size*/) {
    return {};
  }
  static void add(std::vector<stats::SlideCounts>& slides,
                  std::uint32_t /*index*/,
                  const stats::SlideCounts& slide) {
    stats::add_slide(slides, slide);
  }
  static Tuning finish(std::vector<stats::SlideCounts> slides) {
    return tune_slide::tune(std::move(slides));
  }
};

}  // namespace

void register_tune_slide(graph::Registry& registry) { registry.add<TuneSlide>(); }

}  // namespace mito::nodes
