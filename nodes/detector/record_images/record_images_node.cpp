#include <optional>

#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/slide/slide.h"
#include "engine/stats/cohort.h"
#include "engine/types/cases.h"
#include "engine/types/cohort_table.h"
#include "engine/types/seen_images.h"
#include "nodes/detector/record_images/record_images.h"

namespace mito::nodes {
namespace {

/// slides (items), model [, table of the study] -> the model that knows them for images of cases
/// that it was trained or tuned on.
struct RecordImages {
  static constexpr graph::NodeInfo kInfo{
      .type = "record_images",
      .version = 1,
      .paper = "IV-B",
      .summary = "Writes into a model which images are of cases that it was trained or tuned on.",
      .inputs = {"slide", "model", "cohort"},
      .output = "model"};

  struct Acc {
    std::string case_pattern;
    nn::Model model;
    std::optional<CohortTable> cohort;
    std::vector<SeenFile> files;
  };

  static std::string check(const record_images::Params& params) {
    return check_case_pattern(params.case_pattern);
  }
  static Acc begin(const record_images::Params& params,
                   const nn::Model& model,
                   const File* cohort) {
    Acc acc{params.case_pattern, model, {}, {}};
    if (cohort != nullptr) acc.cohort = read_cohort_table(cohort->path);
    return acc;
  }
  static void add(Acc& acc, const Slide& slide) {
    const auto& info = slide.info();
    const auto member = stats::member_of(acc.case_pattern, info.name, info.path, "",
                                         acc.cohort ? &*acc.cohort : nullptr);
    acc.files.push_back(
        {content_of_identity(info.identity), file_bytes(info.path), info.name, member.case_id});
  }
  static nn::Model finish(Acc acc) {
    auto recorded = record_images::with_images(acc.model, acc.files);
    if (!recorded.others.empty())
      spdlog::warn("left out, as the model was neither trained nor tuned on them: images of {}",
                   fmt::join(recorded.others, ", "));
    return std::move(recorded.model);
  }
};

}  // namespace

void register_record_images(graph::Registry& registry) { registry.add<RecordImages>(); }

}  // namespace mito::nodes
