#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/annotation_sample/annotation_sample.h"

namespace mito::nodes {
namespace {

/// slides with their candidates -> sheet.csv, patches and the labelling page.
struct AnnotationSample {
  static constexpr graph::NodeInfo kInfo{
      .type = "annotation_sample",
      .version = 1,
      .paper = "III-A",
      .summary =
          "Draws random candidates and writes their patches, a label sheet and a labelling "
          "page.",
      .sink = true};
  using Params = annotation_sample::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"slide_spots"};
  static constexpr std::string_view kOutput = "sheet";

  struct Acc {
    graph::NodeContext context;
    annotation_sample::Draw draw;
  };

  static std::string check(const Params& params) { return annotation_sample::check(params); }
  static Acc begin(const Params& params,
                   const graph::NodeContext& context,
                   std::uint32_t /*size*/) {
    return {context, annotation_sample::Draw(params, context.node)};
  }
  static void add(Acc& acc, std::uint32_t index, const SlideSpots& slide_spots) {
    acc.draw.add(index, slide_spots);
  }
  static FileArtifact finish(Acc acc) {
    const auto written = annotation_sample::write(acc.draw, acc.context.out_folder,
                                                  {acc.context.stop, acc.context.progress});
    return {written.path, written.sha256};
  }
};

}  // namespace

void register_annotation_sample(graph::Registry& registry) { registry.add<AnnotationSample>(); }

}  // namespace mito::nodes
