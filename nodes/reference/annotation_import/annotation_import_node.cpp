#include <utility>

#include <spdlog/spdlog.h>

#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/reference/annotation_import/annotation_import.h"
#include "nodes/reference/annotation_import/observer_result.h"
#include "nodes/reference/annotation_import/observer_sheet.h"

namespace mito::nodes {
namespace {

/// sheet, label files -> patches with the labels that enough observers agree on.
struct AnnotationImport {
  static constexpr graph::NodeInfo kInfo{
      .type = "annotation_import",
      .version = 1,
      .paper = "III-A",
      .summary = "Reads the labels of several observers and keeps what enough of them agree on.",
      .inputs = {"sheet", "labels"},
      .output = "patches"};

  static LabelledPatches run(const annotation_import::ImportParams& params,
                             const File& sheet,
                             const FileList& labels) {
    return annotation_import::patches(params,
                                      annotation_import::combine(params, sheet.path, labels.paths));
  }
};

/// key of places that were drawn to inform, label files -> patches with labels and weights.
struct LabelledPlacesNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "labelled_places",
      .version = 1,
      .paper = "VI-C",
      .summary = "Reads what observers say of places that were drawn with known chances.",
      .inputs = {"key", "answers"},
      .output = "places"};

  static LabelledPlaces run(const annotation_import::Params& params,
                            const File& key,
                            const FileList& answers) {
    return annotation_import::places(params,
                                     annotation_import::combine(params, key.path, answers.paths));
  }
};

/// sheet, label files -> agreement.json, agreement.md and merged_labels.csv.
struct AnnotationReport {
  static constexpr graph::NodeInfo kInfo{
      .type = "annotation_report",
      .version = 1,
      .paper = "III-A",
      .summary = "Writes how well the observers agree, and which samples are undecided.",
      .inputs = {"sheet", "labels"},
      .output = "report",
      .sink = true};

  static OutputFiles run(const annotation_import::Params& params,
                         const File& sheet,
                         const FileList& labels) {
    const auto report = annotation_import::report(
        params, annotation_import::combine(params, sheet.path, labels.paths));
    return {{annotation_import::kMergedFile, report.merged},
            {annotation_import::kMarkdownFile, report.markdown},
            {annotation_import::kJsonFile, report.json}};
  }
};

/// key of a study, answers of its observers -> observer_result.json, observer_result.md,
/// observer_answers.csv and, where the patches lie beside the key, observer_sheet.png.
struct ObserverResult {
  static constexpr graph::NodeInfo kInfo{
      .type = "observer_result",
      .version = 2,
      .paper = "VI-C",
      .summary = "Precision of detections as observers judge them, and the F1 that follows.",
      .inputs = {"key", "answers"},
      .output = "result",
      .sink = true};

  static OutputFiles run(const annotation_import::ResultParams& params,
                         const File& key,
                         const FileList& answers) {
    const auto read = annotation_import::read_answers(params, key.path, answers.paths);
    const auto report = annotation_import::observer_report(params, read);
    OutputFiles out{{annotation_import::kAnswersFile, report.answers},
                    {annotation_import::kResultMarkdown, report.markdown},
                    {annotation_import::kResultFile, report.json}};
    auto sheet = annotation_import::observer_sheet(read);
    if (sheet.empty())
      spdlog::warn("no {}: the patches of {} do not lie beside it", annotation_import::kSheetFile,
                   key.path.string());
    else
      out.push_back({annotation_import::kSheetFile, std::move(sheet)});
    return out;
  }
};

}  // namespace

void register_annotation_import(graph::Registry& registry) {
  registry.add<AnnotationImport>();
  registry.add<LabelledPlacesNode>();
  registry.add<AnnotationReport>();
  registry.add<ObserverResult>();
}

}  // namespace mito::nodes
