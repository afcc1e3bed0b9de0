#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/reference/annotation_import/annotation_import.h"
#include "nodes/reference/annotation_import/observer_result.h"

namespace mito::nodes {
namespace {

/// sheet, label files -> patches with the labels that enough observers agree on.
struct AnnotationImport {
  static constexpr graph::NodeInfo kInfo{
      .type = "annotation_import",
      .version = 1,
      .paper = "III-A",
      .summary = "Reads the labels of several observers and keeps what enough of them agree on."};
  using Params = annotation_import::ImportParams;
  static constexpr std::array<std::string_view, 2> kInputs{"sheet", "labels"};
  static constexpr std::string_view kOutput = "patches";

  static std::string check(const Params& params) { return annotation_import::check(params); }
  static LabelledPatches run(const Params& params, const File& sheet, const FileList& labels) {
    return annotation_import::patches(params,
                                      annotation_import::combine(params, sheet.path, labels.paths));
  }
};

/// sheet, label files -> agreement.json, agreement.md and merged_labels.csv.
struct AnnotationReport {
  static constexpr graph::NodeInfo kInfo{
      .type = "annotation_report",
      .version = 1,
      .paper = "III-A",
      .summary = "Writes how well the observers agree, and which samples are undecided.",
      .sink = true};
  using Params = annotation_import::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"sheet", "labels"};
  static constexpr std::string_view kOutput = "report";

  static std::string check(const Params& params) { return annotation_import::check(params); }
  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const File& sheet,
                          const FileList& labels) {
    const auto report = annotation_import::report(
        params, annotation_import::combine(params, sheet.path, labels.paths));
    write_file(context.out_folder / annotation_import::kMergedFile, report.merged);
    write_file(context.out_folder / annotation_import::kMarkdownFile, report.markdown);
    write_file(context.out_folder / annotation_import::kJsonFile, report.json);
    return {annotation_import::kJsonFile, sha256(report.json)};
  }
};

/// key of a study, answers of its observers -> observer_result.json, observer_result.md and
/// observer_answers.csv.
struct ObserverResult {
  static constexpr graph::NodeInfo kInfo{
      .type = "observer_result",
      .version = 1,
      .paper = "VI-C",
      .summary = "Precision of detections as observers judge them, and the F1 that follows.",
      .sink = true};
  using Params = annotation_import::ResultParams;
  static constexpr std::array<std::string_view, 2> kInputs{"key", "answers"};
  static constexpr std::string_view kOutput = "result";

  static FileArtifact run(const Params& params,
                          const graph::NodeContext& context,
                          const File& key,
                          const FileList& answers) {
    const auto report = annotation_import::observer_report(
        params, annotation_import::read_answers(params, key.path, answers.paths));
    write_file(context.out_folder / annotation_import::kAnswersFile, report.answers);
    write_file(context.out_folder / annotation_import::kResultMarkdown, report.markdown);
    write_file(context.out_folder / annotation_import::kResultFile, report.json);
    return {annotation_import::kResultFile, sha256(report.json)};
  }
};

}  // namespace

void register_annotation_import(graph::Registry& registry) {
  registry.add<AnnotationImport>();
  registry.add<AnnotationReport>();
  registry.add<ObserverResult>();
}

}  // namespace mito::nodes
