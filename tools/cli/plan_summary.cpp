#include "tools/cli/plan_summary.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/lease.h"
#include "tools/cli/output.h"
#include "tools/cohort/status.h"

namespace mito::cli {
namespace {

using mito::graph::Action;
using mito::graph::Survey;
using What = PlanSummary::What;

constexpr std::array<std::pair<What, const char*>, 4> kWords{{{What::Done, "done"},
                                                              {What::FromStore, "from the store"},
                                                              {What::Compute, "to compute"},
                                                              {What::Unreadable, "unreadable"}}};

What what_of(const Survey::Item& item) {
  if (!item.problem.empty()) return What::Unreadable;
  const auto runs = [](const Survey::Node& node) { return node.action == Action::Run; };
  if (std::ranges::none_of(item.nodes, runs)) return What::Done;
  const bool computes = std::ranges::none_of(item.nodes, &Survey::Node::stored) ||
                        std::ranges::any_of(item.nodes, [&](const Survey::Node& node) {
                          return node.stored && runs(node);
                        });
  return computes ? What::Compute : What::FromStore;
}

/// None where nothing was computed on this machine, or slides are not known by their files.
std::optional<double> seconds_of(const PlanSummary& summary,
                                 const mito::graph::Graph& graph,
                                 FileDigests& digests,
                                 const std::filesystem::path& out) {
  try {
    const auto rate = cohort::read_status(out).seconds_per_byte(host_name());
    if (!rate) return std::nullopt;
    const auto slides = graph.items(digests).names();
    double bytes = 0;
    for (std::size_t i = 0; i < summary.items.size(); ++i)
      if (summary.items[i] == What::Compute) bytes += static_cast<double>(slides.at(i).bytes);
    return *rate * bytes;
  } catch (const DataError&) {  // no run was here
    return std::nullopt;
  } catch (const ConfigError&) {  // no cohort
    return std::nullopt;
  }
}

}  // namespace

std::size_t PlanSummary::count(What what) const {
  return static_cast<std::size_t>(std::ranges::count(items, what));
}

PlanSummary summarise(const mito::graph::Graph& graph,
                      const Survey& survey,
                      FileDigests& digests,
                      const std::filesystem::path& out) {
  PlanSummary summary;
  for (const auto& item : survey.items) summary.items.push_back(what_of(item));
  if (summary.count(What::Compute) > 0) summary.seconds = seconds_of(summary, graph, digests, out);
  return summary;
}

std::string text_of(const PlanSummary& summary) {
  std::string text;
  for (const auto& [what, word] : kWords) {
    const auto count = summary.count(what);
    if (count == 0) continue;
    text += fmt::format("{} {} {}", text.empty() ? "" : ",", count, word);
    if (what == What::Compute && summary.seconds)
      text += fmt::format(" (about {} on this machine)", duration_text(*summary.seconds));
  }
  return fmt::format("{} slides:{}", summary.items.size(), text);
}

nlohmann::ordered_json to_json(const PlanSummary& summary) {
  return {{"done", summary.count(What::Done)},
          {"from_store", summary.count(What::FromStore)},
          {"to_compute", summary.count(What::Compute)},
          {"unreadable", summary.count(What::Unreadable)},
          {"seconds",
           summary.seconds ? nlohmann::ordered_json(*summary.seconds) : nlohmann::ordered_json()}};
}

}  // namespace mito::cli
