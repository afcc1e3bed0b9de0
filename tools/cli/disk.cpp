#include "tools/cli/disk.h"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/slide/coloured_share.h"
#include "tools/cli/progress.h"
#include "tools/cli/slides_of.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using mito::graph::Action;
using mito::graph::Costs;
using mito::graph::Data;
using mito::graph::Graph;
using mito::graph::Survey;

constexpr double kMib = 1 << 20;
// What the smallest artefact and a small file of results take in blocks of 4 KiB.
constexpr double kArtefactMib = 16.0 / 1024;
constexpr double kFileMib = 6.0 / 1024;

std::string mib_text(double mib) { return bytes_text(static_cast<std::uint64_t>(mib * kMib)); }

/// The folder, or the nearest above it that exists.
fs::path existing(const fs::path& folder) {
  std::error_code ignored;
  fs::path at = fs::absolute(folder, ignored).lexically_normal();
  while (!fs::exists(at, ignored) && at.has_relative_path()) at = at.parent_path();
  return at;
}

}  // namespace

DiskEstimate::DiskEstimate(const Graph& graph) {
  for (auto& view : graph.nodes()) {
    const auto id = view.id;
    if (view.type->info.sink) sinks_.insert(id);
    if (view.store) stored_.insert(id);
    if (view.cost && view.cost_of == type_of<Slide>()) says_.emplace(id, std::move(view));
  }
  for (auto& cost : graph.costs_ahead()) {
    const auto id = cost.node;
    ahead_.emplace(id, std::move(cost));
  }
}

bool DiskEstimate::wants(const Survey::Item& item) const {
  return std::ranges::any_of(item.nodes, [&](const Survey::Node& node) {
    return node.action == Action::Run && says_.contains(node.id);
  });
}

void DiskEstimate::look(const Survey::Item& item, const TypeDesc* type, const Data& element) {
  if (!wants(item)) return;
  for (const auto& node : item.nodes) {
    if (node.action != Action::Run) continue;
    if (node.stored) items_.store += kArtefactMib;
    if (sinks_.contains(node.id)) items_.output += kFileMib;
  }
  const auto slides = slides_of(type, element.get());
  double written = 0;
  double passing = 0;
  for (const auto& slide : slides) {
    // Nodes of a pair work on one of its slides each: on which is not known.
    const double share = slide::coloured_share(slide) / static_cast<double>(slides.size());
    for (const auto& node : item.nodes) {
      const auto says = says_.find(node.id);
      if (node.action != Action::Run || says == says_.end()) continue;
      const auto cost = says->second.cost(&slide);
      items_.output += share * cost.output_mib;
      if (!node.stored) continue;
      (says->second.until_used ? passing : items_.store) += share * cost.store_mib;
      written += share * cost.store_mib;
    }
  }
  most_written_ = std::max(most_written_, written);
  most_passing_ = std::max(most_passing_, passing);
}

DiskNeed DiskEstimate::need(const Survey& survey, const mito::graph::RunOptions& options) const {
  DiskNeed out = items_;
  const double at_once =
      std::min<double>(options.items_in_flight, static_cast<double>(survey.items.size()));
  // What an artefact is made of lies beside it until it is complete.
  out.writing = at_once * (most_written_ + most_passing_);
  const auto add = [&](const std::string& node, bool stored) {
    const auto found = ahead_.find(node);
    if (found == ahead_.end()) return;
    const auto& costs = found->second.costs;
    if (!costs) {
      out.unknown.push_back(node);
      return;
    }
    const auto count = static_cast<double>(costs->count);
    if (stored) out.store += count * costs->each.store_mib;
    out.output += count * costs->each.output_mib;
    // Scratch goes when the result is there.
    out.scratch += std::min<double>(count, options.items_in_flight) * costs->each.scratch_mib;
  };
  for (const auto& node : survey.run_nodes)
    if (node.action == Action::Run) add(node.id, node.stored);
  for (const auto& node : survey.unknown_nodes)
    add(node, options.store != nullptr && stored_.contains(node));
  return out;
}

std::string text_of(const DiskNeed& need) {
  std::vector<std::string> parts;
  if (need.store >= 1) parts.push_back(mib_text(need.store) + " in the store");
  if (need.writing >= 1) parts.push_back(mib_text(need.writing) + " there while it is written");
  if (need.scratch >= 1) parts.push_back(mib_text(need.scratch) + " of scratch");
  if (need.output >= 1) parts.push_back(mib_text(need.output) + " of results");
  if (parts.empty()) return {};
  const std::string last = parts.back();
  parts.pop_back();
  return parts.empty() ? "about " + last
                       : fmt::format("about {} and {}", fmt::join(parts, ", "), last);
}

nlohmann::ordered_json to_json(const DiskNeed& need) {
  return {{"store_mib", need.store},
          {"writing_mib", need.writing},
          {"scratch_mib", need.scratch},
          {"output_mib", need.output},
          {"unknown", need.unknown}};
}

double free_mib(const fs::path& folder) {
  std::error_code error;
  const auto space = fs::space(existing(folder), error);
  // Who cannot be asked does not stop anybody.
  return error ? std::numeric_limits<double>::infinity()
               : static_cast<double>(space.available) / kMib;
}

void refuse_without_room(const DiskNeed& need, const fs::path& store, const fs::path& out) {
  struct Wanted {
    fs::path folder;
    double mib = 0;
  };
  std::map<dev_t, Wanted> wanted;
  const auto want = [&](const fs::path& folder, double mib) {
    struct stat about {};
    const fs::path there = existing(folder);
    if (mib <= 0 || ::stat(there.c_str(), &about) != 0) return;
    auto& one = wanted[about.st_dev];
    if (one.folder.empty()) one.folder = folder;
    one.mib += mib;
  };
  want(store.empty() ? out : store, need.store + need.writing + need.scratch);
  want(out, need.output);
  for (const auto& [device, one] : wanted) {
    const double free = free_mib(one.folder);
    if (one.mib <= free) continue;
    throw DataError(fmt::format(
        "the run needs {}, {} where '{}' lies, and there are {} free; make room (`mitoloom store "
        "gc`), choose another --store or --out, or start anyway with --ignore-disk",
        text_of(need), mib_text(one.mib), one.folder.string(), mib_text(free)));
  }
}

void refuse_without_room(Graph& graph,
                         const mito::graph::RunOptions& options,
                         const fs::path& store) {
  DiskEstimate estimate(graph);
  const auto survey = graph.survey(
      options,
      [&](std::size_t, const Survey::Item& item, const TypeDesc* type, const Data& element) {
        estimate.look(item, type, element);
      },
      [&](const Survey::Item& item) { return estimate.wants(item); });
  refuse_without_room(estimate.need(survey, options), store, options.out);
}

}  // namespace mito::cli
