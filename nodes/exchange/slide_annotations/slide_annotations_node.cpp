#include <spdlog/spdlog.h>

#include "engine/graph/node.h"
#include "nodes/exchange/slide_annotations/slide_annotations.h"

namespace mito::nodes {
namespace {

/// slide, annotations of the run -> those of the slide.
struct SlideAnnotationsNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "slide_annotations",
      .version = 2,
      .paper = "III-A",
      .summary = "Takes what is marked in a slide from the annotations of all images."};
  using Params = slide_annotations::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"slide", "annotations"};
  static constexpr std::string_view kOutput = "annotations";

  static ImageAnnotations run(const Params& params,
                              const Slide& slide,
                              const AnnotationTable& annotations) {
    const auto& info = slide.info();
    if (params.missing == "none" && slide_annotations::find(info.path, annotations) == nullptr)
      spdlog::warn(
          "slide '{}' ({}) is not among the {} images of the annotations: taken for one without "
          "marked objects",
          info.name, info.path.string(), annotations.images.size());
    return slide_annotations::of_slide(params, info, annotations);
  }
};

}  // namespace

void register_slide_annotations(graph::Registry& registry) { registry.add<SlideAnnotationsNode>(); }

}  // namespace mito::nodes
