#pragma once
// Internal to engine/graph: content keys, and what has to be done for each item.
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/artefact_store.h"
#include "engine/graph/checked.h"
#include "engine/graph/graph.h"

namespace mito::graph {

class Schedule;

/// One item (slide), or the run itself: its keys, its actions, its open artefacts.
class Scope {
 public:
  Scope(const Schedule& schedule, int expand, std::uint32_t index, ItemIdentity identity);

  const ItemIdentity& identity() const { return identity_; }
  bool is_run() const { return expand_ < 0; }
  int expand() const { return expand_; }
  std::uint32_t index() const { return index_; }
  const std::filesystem::path& out_folder() const { return out_folder_; }

  /// Content key of `node` in this scope; empty while an input's key is not known yet.
  std::string key(int node) const;
  /// What is to be done as far as is known now: it gets less, never more, as keys become known.
  Action action(int node) const { return actions_[static_cast<std::size_t>(node)]; }
  /// Opens the stored result of `node`; null when the node is not stored. `parts`: of its group.
  std::shared_ptr<Artefact> artefact(int node, std::uint32_t parts) const;
  ArtefactInfo describe(int node, std::uint32_t parts) const;
  void flush() const;
  /// Lets go of the artefacts: nothing of this item is on its way any more. Results that are stored
  /// until they are used go, where nobody needs them any more.
  void close() const;

  void add_time(int node, std::int64_t nanoseconds) const;
  std::map<std::string, double> seconds() const;

 private:
  friend class Schedule;
  const Schedule& schedule_;
  int expand_;
  std::uint32_t index_;
  ItemIdentity identity_;
  std::filesystem::path out_folder_;
  std::vector<std::atomic<Action>> actions_;
  mutable std::atomic<bool> closed_{false};
  bool decided_ = false;  ///< Once at least; under Schedule::deciding_.
  mutable std::mutex mutex_;
  mutable std::vector<std::string> keys_;
  mutable std::vector<std::shared_ptr<Artefact>> artefacts_;
  mutable std::vector<std::int64_t> nanoseconds_;
};

/// Finds out, from keys alone, what a run has to do. Nothing is computed here.
class Schedule {
 public:
  Schedule(const Checked& checked, const RunOptions& options);

  const Checked& checked() const { return checked_; }
  const RunOptions& options() const { return options_; }

  std::shared_ptr<Scope> run_scope() const { return run_; }
  /// One item of an expand node; what has to be done for it is not known before set_items().
  std::shared_ptr<Scope> item_scope(int expand, std::uint32_t index, ItemIdentity identity) const;

  /// Registers all items of an expand node. Keys of what reduces them can be formed now, so what is
  /// to be done is decided anew, for the run and all items: results that turn out to be stored are
  /// loaded, and what they were made of is not asked for.
  void set_items(int expand, const std::vector<std::shared_ptr<Scope>>& items) const;

  /// Does some item need what goes into `node`, which works on items? True while they are not
  /// known. An expand node is needed as soon as anything is to be done for an item, if only to load
  /// it.
  bool demanded_by_items(int node) const;

  /// Stores which items an expand node has, where nodes of the run have to make that out: a run
  /// that has nothing to do then need not do it again.
  void keep_items(int expand, const std::vector<ItemIdentity>& items) const;

  /// Decides anew for an item of which nothing is on its way yet: what it has in common with an
  /// item before it may be stored by now, and what both were made of may be gone. Of pipelines that
  /// store something until it is used.
  void begin_item(Scope& item) const;

  /// What an earlier run told of an output, which need not be loaded for it.
  std::optional<std::string> told(const Scope& scope, int node) const;
  /// The run and all items that are known.
  std::vector<std::shared_ptr<Scope>> scopes() const;

  /// Lets results of an item go that are stored until they are used: those that a run that began
  /// now would not ask for.
  void release_used(const Scope& item) const;
  /// The same for the run and all its items, once nothing is on its way any more.
  void release_used() const;

  /// Actions per node for one part of an item. `resume`: per node, how many leading parts a reduce
  /// does not ask for because its checkpoint holds them.
  std::vector<Action> part_actions(const Scope& scope,
                                   int part_expand,
                                   std::uint32_t part,
                                   std::uint32_t parts,
                                   std::span<const std::uint32_t> resume) const;

  /// What is known of the content of files.
  FileDigests& digests() const {
    return options_.digests != nullptr ? *options_.digests : own_digests_;
  }
  std::string input_key(int input) const;
  Data input_data(int input) const;  ///< Null when the input has no value.
  bool stored(int node) const {
    return options_.store != nullptr && checked_.nodes[static_cast<std::size_t>(node)].store;
  }

 private:
  friend class Scope;
  using Items = std::vector<std::shared_ptr<Scope>>;
  /// What some node of the same scope does.
  using ActionOf = std::function<Action(int node)>;
  void decide() const;
  void decide(Scope& scope, int node) const;
  Action action_now(const Scope& scope, int node, const ActionOf& action_of) const;
  void release(const Scope& scope, int node) const;
  Items items_of(int expand) const;  ///< Empty while they are not known.
  bool recall_items() const;
  bool leaves_out(const Scope& scope, int node) const;
  ArtefactInfo items_info(int expand) const;
  std::string make_key(const Scope& scope, int node) const;
  std::string source_key(const Scope& scope, const Source& source) const;

  const Checked& checked_;
  const RunOptions& options_;
  /// Of a run that takes only some items: it is made of items, or of what is.
  std::vector<bool> behind_items_;
  bool releases_ = false;            ///< Some node stores its result until it is used.
  mutable FileDigests own_digests_;  ///< Where the caller has none.
  std::shared_ptr<Scope> run_;
  mutable std::mutex deciding_;
  mutable std::mutex mutex_;
  mutable std::map<int, std::string> input_keys_;
  mutable std::map<int, Items> items_;
};

}  // namespace mito::graph
