#pragma once
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/graph/graph.h"
#include "tools/cohort/leases.h"

namespace mito::cli {

/// Results that several runs of a sweep need, where its shards have one store: who computes one
/// holds a lease on it, and others wait until it is there. What a run has of its own it computes
/// beside others.
class SharedResults {
 public:
  /// `root`: of the store.
  explicit SharedResults(std::filesystem::path root) : root_(std::move(root)) {}

  /// Notes what a run of the sweep keeps in the store, once for each run, also for those of other
  /// shards. `times`: how many shards make it. `options`: of the run.
  void count(mito::graph::Graph& graph, const mito::graph::RunOptions& options, std::size_t times);

  /// Waits until nobody else computes something that `graph` shares with other runs and that is
  /// missing. The leases say that it is this run's to compute; none when nothing is missing. Throws
  /// Interrupted when `stop` was set.
  std::unique_ptr<cohort::KeptLeases> take(mito::graph::Graph& graph,
                                           const mito::graph::RunOptions& options,
                                           const std::atomic<bool>& stop) const;

 private:
  /// Results of one node, of all its slides.
  struct Result {
    std::string node;
    std::string type;
    std::vector<std::string> keys;
    bool is_missed = false;  ///< A run would make it: what is made of it is not there either.
  };
  /// By the digest of their keys.
  using Results = std::map<std::string, Result>;
  static Results results_of(mito::graph::Graph& graph, const mito::graph::RunOptions& options);
  std::filesystem::path lease_of(const std::string& digest) const;

  std::filesystem::path root_;
  std::map<std::string, std::size_t> runs_;  ///< How many have it, by digest.
};

}  // namespace mito::cli
