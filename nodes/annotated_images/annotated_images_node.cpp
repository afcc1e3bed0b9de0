#include "engine/graph/node.h"
#include "nodes/annotated_images/annotated_images.h"

namespace mito::nodes {
namespace {

/// images, table of points -> images with their mitoses.
struct ReadAnnotatedImages {
  static constexpr graph::NodeInfo kInfo{
      .type = "annotated_images",
      .version = 1,
      .paper = "IV-A",
      .summary = "Joins images with a table of the mitoses marked in them."};
  using Params = annotated_images::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"images", "points"};
  static constexpr std::string_view kOutput = "data";

  static AnnotatedImages run(const Params& params, const FileList& images, const File& points) {
    return annotated_images::read(params, images, points);
  }
};

}  // namespace

void register_annotated_images(graph::Registry& registry) { registry.add<ReadAnnotatedImages>(); }

}  // namespace mito::nodes
