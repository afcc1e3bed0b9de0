#include "tools/cli/shared_results.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/core/artefact_store.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using mito::graph::Graph;
using mito::graph::RunOptions;
using mito::graph::Survey;

constexpr std::chrono::milliseconds kPause{200};

}  // namespace

SharedResults::Results SharedResults::results_of(Graph& graph, const RunOptions& options) {
  std::set<std::string> until_used;  // gone when they are used: nobody finds them
  for (const auto& node : graph.nodes())
    if (node.until_used) until_used.insert(node.id);
  const auto survey =
      graph.survey(options, {}, [](const Survey::Item&) { return false; });  // keys alone
  std::map<std::string, Result> by_node;
  const auto add = [&](const std::vector<Survey::Node>& nodes) {
    for (const auto& node : nodes) {
      if (!node.stored || node.info.key.empty() || until_used.contains(node.id)) continue;
      auto& result = by_node[node.id];
      result.node = node.id;
      result.type = node.info.node_type;
      result.keys.push_back(node.info.key);
      result.is_missed |= node.action == mito::graph::Action::Run;
    }
  };
  add(survey.run_nodes);
  for (const auto& item : survey.items) add(item.nodes);
  Results results;
  for (auto& [node, result] : by_node) {
    std::ranges::sort(result.keys);
    std::string text;
    for (const auto& key : result.keys) text += key + "\n";
    results.emplace(sha256(text), std::move(result));
  }
  return results;
}

void SharedResults::count(Graph& graph, const RunOptions& options, std::size_t times) {
  for (const auto& [digest, result] : results_of(graph, options)) runs_[digest] += times;
}

fs::path SharedResults::lease_of(const std::string& digest) const {
  return root_ / ".leases" / (digest.substr(0, 32) + ".lease");
}

std::unique_ptr<cohort::KeptLeases> SharedResults::take(Graph& graph,
                                                        const RunOptions& options,
                                                        const std::atomic<bool>& stop) const {
  auto wanted = results_of(graph, options);
  std::erase_if(wanted, [&](const auto& one) {
    const auto runs = runs_.find(one.first);
    return !one.second.is_missed || runs == runs_.end() || runs->second < 2;
  });
  const auto is_there = [&](const auto& one) {
    return std::ranges::all_of(one.second.keys, [&](const std::string& key) {
      return options.store->complete(one.second.type, key);
    });
  };
  bool told = false;
  while (true) {
    if (stop) throw Interrupted("interrupted; what was stored will be used again");
    std::erase_if(wanted, is_there);
    if (wanted.empty()) return nullptr;
    std::vector<Lease> leases;
    const Result* held = nullptr;
    // In the order of digests, and none is held while waiting: two runs never wait for each other.
    for (const auto& [digest, result] : wanted) {
      auto lease = Lease::take(lease_of(digest), cohort::kAbandoned);
      if (!lease) {
        held = &result;
        break;
      }
      leases.push_back(std::move(*lease));
    }
    if (held == nullptr) return std::make_unique<cohort::KeptLeases>(std::move(leases));
    if (!std::exchange(told, true))
      spdlog::info("another shard computes what this run shares with it ('{}'): waiting",
                   held->node);
    leases.clear();
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace mito::cli
