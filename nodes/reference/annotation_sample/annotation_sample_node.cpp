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
      .sink = true};
  using Params = annotation_sample::StudyParams;
  static constexpr std::array<std::string_view, 2> kInputs{"slide_detections", "truth"};
  static constexpr std::string_view kOutput = "key";

  struct Acc {
    graph::NodeContext context;
    annotation_sample::Study study;
  };

  static Acc begin(const Params& params,
                   const graph::NodeContext& context,
                   std::uint32_t /*size*/,
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
    return {written.path, written.sha256};
  }
};

}  // namespace

void register_annotation_sample(graph::Registry& registry) {
  registry.add<AnnotationSample>();
  registry.add<ObserverStudy>();
}

}  // namespace mito::nodes
