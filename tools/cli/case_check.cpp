#include "tools/cli/case_check.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/annotations/read.h"
#include "engine/config/param_io.h"
#include "engine/core/error.h"
#include "engine/core/input_files.h"
#include "engine/graph/inputs.h"
#include "engine/nn/model.h"
#include "engine/stats/cohort.h"
#include "engine/stats/tuning_file.h"
#include "engine/types/cases.h"
#include "nodes/exchange/slide_annotations/slide_annotations.h"
#include "nodes/slides/slide/slide_list.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using mito::graph::NodeView;
using Cases = std::optional<std::vector<std::string>>;  ///< Empty: not known yet.

/// Nodes that measure one slide with a network, and refuse the cases it was trained on.
constexpr std::array<std::string_view, 3> kMeasureSlides{"cohort_slide", "hotspot_curve",
                                                         "evaluate_detections"};

/// A pipeline whose nodes are found by name, and connections followed back.
class CaseCheck {
 public:
  explicit CaseCheck(const mito::graph::Graph& graph) : graph_(graph), nodes_(graph.nodes()) {}

  void run() {
    for (const auto& node : nodes_) {
      try {
        check_slide(node);
        check_study(node);
      } catch (const DataError& error) {
        throw DataError(
            fmt::format("node '{}' ({}): {}", node.id, node.type->info.type, error.what()));
      }
    }
  }

 private:
  static std::string source_of(const NodeView& node, std::string_view port) {
    for (const auto& [name, source] : node.sources)
      if (name == port) return source;
    return "";
  }
  /// The node that feeds a port; null when it is an input of the pipeline, or not connected.
  const NodeView* node_at(const NodeView& node, std::string_view port) const {
    const auto found = std::ranges::find(nodes_, source_of(node, port), &NodeView::id);
    return found == nodes_.end() ? nullptr : &*found;
  }
  /// The files that an input of the pipeline feeds to a port; empty unless all of them exist.
  std::vector<fs::path> files_at(const NodeView& node, std::string_view port) const {
    const auto source = source_of(node, port);
    const auto* input =
        source.starts_with('$') ? graph_.pipeline().input(source.substr(1)) : nullptr;
    if (input == nullptr) return {};
    auto files = mito::graph::input_paths(*input);
    if (!std::ranges::all_of(files, [](const fs::path& file) { return fs::exists(file); }))
      return {};
    return files;
  }
  /// What the pipeline file says of the parameters of a node.
  const config::Value& params_of(const NodeView& node) const {
    return std::ranges::find(graph_.pipeline().nodes, node.id, &mito::graph::NodeDecl::id)->params;
  }
  std::string parameter(const NodeView& node, std::string_view name) const {
    const auto* value = params_of(node).find(name);
    return value == nullptr ? "" : value->scalar;
  }

  /// The table of annotations that feeds a node with the port `annotations`; null when not known.
  const AnnotationTable* table_of(const NodeView& marked) {
    const auto* reader = node_at(marked, "annotations");
    if (reader == nullptr || reader->type->info.type != "annotations") return nullptr;
    const auto found = tables_.find(reader->id);
    if (found != tables_.end()) return &found->second;
    const auto files = files_at(*reader, "files");
    if (files.empty()) return nullptr;
    annotations::ReadParams params;
    Diagnostics checked_before;
    config::ParamReader read(&params_of(*reader), reader->id, checked_before);
    annotations::ReadParams::describe(params, read);
    return &(tables_[reader->id] = annotations::read(files, params));
  }

  /// The files of the slides that reach the port `slide`, through nodes that change their pixels
  /// only.
  std::vector<fs::path> slides_at(const NodeView& node) const {
    const auto* from = node_at(node, "slide");
    while (from != nullptr && from->type->info.type != "slide") from = node_at(*from, "slide");
    if (from == nullptr || files_at(*from, "files").empty()) return {};
    const auto data =
        mito::graph::input_value(*graph_.pipeline().input(source_of(*from, "files").substr(1)));
    std::vector<fs::path> out;
    for (const auto& entry : slide_list::entries(*static_cast<const FileList*>(data.get())))
      out.push_back(entry.path);
    return out;
  }

  /// The cases of the slides that a node of one slide measures.
  Cases measured_by(const NodeView& node) {
    const auto slides = slides_at(node);
    if (slides.empty()) return std::nullopt;
    const auto* marked = node_at(node, "annotations");
    const AnnotationTable* table = nullptr;
    if (marked != nullptr) {
      table = table_of(*marked);
      if (table == nullptr) return std::nullopt;
    }
    std::optional<CohortTable> cohort;
    if (!source_of(node, "cohort").empty()) {
      const auto files = files_at(node, "cohort");
      if (files.empty()) return std::nullopt;
      cohort = read_cohort_table(files.front());
    }
    std::vector<std::string> cases;
    cases.reserve(slides.size());
    for (const auto& slide : slides) {
      const auto* image = table == nullptr ? nullptr : slide_annotations::find(slide, *table);
      cases.push_back(stats::member_of(parameter(node, "case_pattern"), slide.stem().string(),
                                       slide, image == nullptr ? "" : image->case_id,
                                       cohort ? &*cohort : nullptr)
                          .case_id);
    }
    return cases;
  }

  /// The description of the network at the port `model`, read once however many nodes take it;
  /// null when it is made by the pipeline.
  const nn::ModelInfo* model_at(const NodeView& node) {
    const auto* loader = node_at(node, "model");
    if (loader == nullptr || loader->type->info.type != "load_model") return nullptr;
    const auto found = models_.find(loader->id);
    if (found != models_.end()) return &found->second;
    const auto files = files_at(*loader, "file");
    if (files.empty()) return nullptr;
    return &(models_[loader->id] = nn::load_model(files.front()).info());
  }

  /// One slide at a time: the network must not have been trained on its case.
  void check_slide(const NodeView& node) {
    if (std::ranges::count(kMeasureSlides, node.type->info.type) == 0) return;
    const auto measured = measured_by(node);
    if (!measured) return;
    const auto* model = model_at(node);
    if (model == nullptr) return;
    refuse_shared_cases({"training", model->training_cases}, {"evaluation", *measured});
    if (node.type->info.type == "evaluate_detections")
      refuse_shared_cases({"tuning", model->tuning_cases}, {"evaluation", *measured});
  }

  /// The nodes of one slide each whose results a node of a whole study takes.
  const NodeView* per_slide(const NodeView& study) const {
    for (const char* port : {"slide", "counts"})
      if (const auto* node = node_at(study, port)) return node;
    return nullptr;
  }

  Cases cases_of_study(const NodeView& study) {
    const auto* node = per_slide(study);
    return node == nullptr ? std::nullopt : measured_by(*node);
  }

  /// A whole study: neither network nor thresholds may have been tuned on one of its cases.
  void check_study(const NodeView& node) {
    const auto& ports = node.type->inputs;
    if (std::ranges::none_of(ports, [](const auto& port) { return port.name == "tuning_file"; }))
      return;
    const auto measured = cases_of_study(node);
    if (!measured) return;
    const CaseList evaluated{"evaluation", *measured};
    if (const auto* model = model_at(node))
      refuse_shared_cases({"tuning", model->tuning_cases}, evaluated);
    const auto files = files_at(node, "tuning_file");
    if (!files.empty())
      refuse_shared_cases({"tuning", stats::read_tuning(files.front()).cases}, evaluated);
    if (const auto* tuner = node_at(node, "tuning"))
      if (const auto tuned = cases_of_study(*tuner))
        refuse_shared_cases({"tuning", *tuned}, evaluated);
  }

  const mito::graph::Graph& graph_;
  std::vector<NodeView> nodes_;
  std::map<std::string, AnnotationTable> tables_;  ///< By node.
  std::map<std::string, nn::ModelInfo> models_;    ///< By node.
};

}  // namespace

void refuse_seen_cases(const mito::graph::Graph& graph) { CaseCheck(graph).run(); }

}  // namespace mito::cli
