#include <system_error>

#include "engine/annotations/write.h"
#include "engine/core/atomic_file.h"
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
      .sink = true};
  using Params = annotations::WriteParams;
  static constexpr std::array<std::string_view, 1> kInputs{"annotations"};
  static constexpr std::string_view kOutput = "file";
  static constexpr const char* kIndex = "annotation_files.csv";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const AnnotationTable& table) {
    const auto files = annotations::write(table, params);
    std::string index = "file,sha256\n";
    for (const auto& [path, bytes] : files) {
      std::error_code none;  // write_file says what is wrong
      std::filesystem::create_directories((context.out_folder / path).parent_path(), none);
      write_file(context.out_folder / path, bytes);
      index += csv_field(path.string()) + ',' + sha256(bytes) + '\n';
    }
    if (files.size() == 1) return {files[0].path.string(), sha256(files[0].bytes)};
    write_file(context.out_folder / kIndex, index);
    return {kIndex, sha256(index)};
  }
};

}  // namespace

void register_export_annotations(graph::Registry& registry) { registry.add<ExportAnnotations>(); }

}  // namespace mito::nodes
