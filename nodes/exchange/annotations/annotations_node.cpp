#include <spdlog/spdlog.h>

#include "engine/annotations/read.h"
#include "engine/core/input_files.h"
#include "engine/graph/node.h"

namespace mito::nodes {
namespace {

/// files of annotations -> one table of all images.
struct AnnotationsNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "annotations",
      .version = 2,
      .paper = "III-A",
      .summary = "Reads marked mitoses and look-alikes from the files of other programs."};
  using Params = annotations::ReadParams;
  static constexpr std::array<std::string_view, 1> kInputs{"files"};
  static constexpr std::string_view kOutput = "annotations";

  static std::string check(const Params& params) { return annotations::check(params); }
  static AnnotationTable run(const Params& params, const FileList& files) {
    std::string left_out;
    auto table = annotations::read(files.paths, params, &left_out);
    if (!left_out.empty()) spdlog::warn("{}", left_out);
    return table;
  }
};

}  // namespace

void register_annotations(graph::Registry& registry) { registry.add<AnnotationsNode>(); }

}  // namespace mito::nodes
