#include "engine/annotations/write.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "engine/types/points_csv.h"

namespace mito::nodes {
namespace {

/// annotations -> a file of another program, or one per image and annotation_files.csv.
struct ExportAnnotations {
  static constexpr graph::NodeInfo kInfo{
      .type = "export_annotations",
      .version = 1,
      .paper = "-",
      .summary = "Writes annotations in the format of another program.",
      .inputs = {"annotations"},
      .sink = true};
  static constexpr const char* kIndex = "annotation_files.csv";

  static OutputFiles run(const annotations::WriteParams& params, const AnnotationTable& table) {
    OutputFiles files;
    std::string index = "file,sha256\n";
    for (auto& [path, bytes] : annotations::write(table, params)) {
      index += csv_field(path.string()) + ',' + sha256(bytes) + '\n';
      files.push_back({path.string(), std::move(bytes)});
    }
    if (files.size() != 1) files.push_back({kIndex, std::move(index)});
    return files;
  }
};

}  // namespace

void register_export_annotations(graph::Registry& registry) { registry.add<ExportAnnotations>(); }

}  // namespace mito::nodes
