#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/reference/annotation_sample/annotation_sample.h"
#include "nodes/reference/annotation_sample/observer_study.h"

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
      .inputs = {"slide_spots"},
      .output = "sheet",
      .sink = true};

  struct Acc {
    graph::NodeContext context;
    annotation_sample::Draw draw;
  };

  static Acc begin(const annotation_sample::Params& params, const graph::NodeContext& context) {
    return {context, annotation_sample::Draw(params, context.node)};
  }
  static void add(Acc& acc, std::uint32_t index, const SlideSpots& slide_spots) {
    acc.draw.add(index, slide_spots);
  }
  static FileArtifact finish(Acc acc) {
    const auto written = annotation_sample::write(acc.draw, acc.context.out_folder,
                                                  {acc.context.stop, acc.context.progress});
    return {written.path};
  }
};

/// slides with their detections [, true mitoses for the key] -> pictures and an answer sheet for
/// observers, and the key apart.
struct ObserverStudy {
  static constexpr graph::NodeInfo kInfo{
      .type = "observer_study",
      .version = 1,
      .paper = "VI-C",
      .summary =
          "Writes detections as pictures in random order for observers to judge, and the key "
          "apart.",
      .inputs = {"slide_detections", "truth"},
      .output = "key",
      .sink = true};

  struct Acc {
    graph::NodeContext context;
    annotation_sample::Study study;
  };

  static Acc begin(const annotation_sample::StudyParams& params,
                   const graph::NodeContext& context,
                   const File* truth) {
    return {context,
            annotation_sample::Study(params, context.node,
                                     truth == nullptr ? std::filesystem::path() : truth->path)};
  }
  static void add(Acc& acc, std::uint32_t index, const SlideDetections& found) {
    acc.study.add(index, found);
  }
  static FileArtifact finish(Acc acc) {
    const auto written = annotation_sample::write_study(acc.study, acc.context.out_folder,
                                                        {acc.context.stop, acc.context.progress});
    return {written.path};
  }
};

}  // namespace

void register_annotation_sample(graph::Registry& registry) {
  registry.add<AnnotationSample>();
  registry.add<ObserverStudy>();
}

}  // namespace mito::nodes
