#include "engine/annotations/read.h"
#include "engine/graph/node.h"
#include "engine/types/inputs.h"

namespace mito::nodes {
namespace {

/// files of annotations -> one table of all images.
struct AnnotationsNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "annotations",
      .version = 1,
      .paper = "III-A",
      .summary = "Reads marked mitoses and look-alikes from the files of other programs."};
  using Params = annotations::ReadParams;
  static constexpr std::array<std::string_view, 1> kInputs{"files"};
  static constexpr std::string_view kOutput = "annotations";

  static std::string check(const Params& params) { return annotations::check(params); }
  static AnnotationTable run(const Params& params, const FileList& files) {
    return annotations::read(files.paths, params);
  }
};

}  // namespace

void register_annotations(graph::Registry& registry) { registry.add<AnnotationsNode>(); }

}  // namespace mito::nodes
