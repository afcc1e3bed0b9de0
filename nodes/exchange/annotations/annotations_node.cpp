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
      .summary = "Reads marked mitoses and look-alikes from the files of other programs.",
      .inputs = {"files"},
      .output = "annotations"};

  static std::shared_ptr<const AnnotationTable> foretell(const annotations::ReadParams& params,
                                                         const Foresight& ahead) {
    const auto files = ahead.at<FileList>("files");
    if (files == nullptr) return nullptr;
    return std::make_shared<const AnnotationTable>(annotations::read(files->paths, params));
  }
  static AnnotationTable run(const annotations::ReadParams& params, const FileList& files) {
    std::string left_out;
    auto table = annotations::read(files.paths, params, &left_out);
    if (!left_out.empty()) spdlog::warn("{}", left_out);
    return table;
  }
};

}  // namespace

void register_annotations(graph::Registry& registry) { registry.add<AnnotationsNode>(); }

}  // namespace mito::nodes
