#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/artefact_store.h"
#include "engine/graph/node_type.h"
#include "engine/graph/pipeline.h"

namespace mito::graph {

/// A run-level value handed in by the caller instead of a pipeline input's text. For tests.
struct InputValue {
  Data data;
  const TypeDesc* type = nullptr;
  std::string digest;  ///< Content identity.
};

/// Counters of a run in progress, read by a display while the graph works.
struct Progress {
  std::atomic<std::uint64_t> items{0};
  std::atomic<std::uint64_t> items_done{0};
  std::atomic<std::uint64_t> parts{0};  ///< Of the items opened so far.
  std::atomic<std::uint64_t> parts_done{0};
  std::atomic<std::uint64_t> parts_cached{0};  ///< Of parts_done: nothing had to be computed.
  std::atomic<std::uint64_t> parts_alive{0};
  std::atomic<std::uint64_t> parts_alive_peak{0};
  std::function<void(const std::string& node, const std::string& text, double fraction)> message;
};

/// Told of the items of a run while they are worked on, from any thread. What it throws is logged
/// and goes no further.
class Watch {
 public:
  enum class End : std::uint8_t { Done, Failed, Stopped };
  struct Ended {
    End how = End::Done;
    std::string message;      ///< Of a failure, with node and part.
    bool by_content = false;  ///< Of a failure: what the item holds is wrong, not the machine.
    std::map<std::string, double> seconds;  ///< Busy seconds per node.
  };
  virtual ~Watch() = default;
  /// `has_work`: something is to be computed, not only looked up.
  virtual void begin(std::uint32_t item, const ItemIdentity& identity, bool has_work) = 0;
  /// Called often. `part` is Key::kWhole outside parts.
  virtual void at(std::uint32_t item,
                  const std::string& node,
                  std::uint32_t part,
                  std::uint32_t parts) = 0;
  /// Nothing of the item is on its way any more.
  virtual void end(std::uint32_t item, const ItemIdentity& identity, const Ended& ended) = 0;
};

struct RunOptions {
  int threads = 0;          ///< 0: one per core.
  int parts_in_flight = 0;  ///< Parts alive per expand node, bounds memory; 0: 2 * threads + 2.
  int items_in_flight = 2;
  bool keep_going = false;  ///< A failing item does not stop the others.
  double stall_s = 300;     ///< Report when nothing starts or ends for this long; 0: never.
  std::string device = "auto";
  bool auto_accelerates = false;  ///< Does "auto" mean an accelerator on this machine?
  std::filesystem::path out = "out";
  ArtefactStore* store = nullptr;  ///< Null: nothing is cached.
  FileDigests* digests = nullptr;  ///< Null: nothing is known of the content of files.
  LocalCopies* copies = nullptr;   ///< Of input files; null: they are read where they are.
  const std::atomic<bool>* stop = nullptr;
  Progress* progress = nullptr;
  std::function<void(const std::string&)> on_stall;
  /// What is to be told of a value of a node under `outputs:`; empty for nothing. With it the
  /// report has `told` instead of `outputs`, so that no run holds all of them, and what was told is
  /// remembered in the output folder: a value that nothing else asks for is not loaded again.
  std::function<std::string(const NodeType&, const Data&)> tell;
  std::map<std::string, InputValue> inputs;  ///< By input name.
  Watch* watch = nullptr;
  /// Begin just these of the items that Graph::items() lists, in this order. They keep their names,
  /// folders and keys; the others are not there, and neither is anything of the run that items do
  /// not need: what is made of all items is left to a run of all.
  std::optional<std::vector<std::uint32_t>> only = {};
  /// With keep_going: items that failed before, with the message. They fail again, untried.
  std::map<std::uint32_t, std::string> failed_before = {};
  std::optional<std::uint32_t> after = {};  ///< The item that a next run is likely to begin with.
};

/// What a node has to do for one item (or for the run).
enum class Action : std::uint8_t { Skip, Load, Run };

/// One value of a node listed under `outputs:`.
struct Result {
  Key key;
  std::string item;
  Data data;
};

/// What is told of one.
struct Told {
  Key key;
  std::string item;
  std::string text;
};

struct Failure {
  std::string item;  ///< Empty: the run itself.
  std::string message;
};

struct RunReport {
  std::map<std::string, std::vector<Result>> outputs;  ///< By node, in item order.
  std::map<std::string, std::vector<Told>> told;       ///< The same, with RunOptions::tell.
  std::vector<Failure> failures;                       ///< Only with keep_going.
  std::uint64_t items = 0;
  std::map<std::string, double> seconds;      ///< Busy seconds per node, all threads.
  std::map<std::string, std::uint64_t> runs;  ///< How often each node's body ran.
};

/// What a run would do, found without running any body but the expansion of the cohort.
struct Survey {
  struct Node {
    std::string id;
    Action action = Action::Skip;
    ArtefactInfo info;    ///< What the node would look up in the store.
    bool stored = false;  ///< `store:` is yes or until_used.
  };
  struct Item {
    ItemIdentity identity;
    std::string problem;  ///< Why the element (an opened slide) cannot be made, or empty.
    std::vector<Node> nodes;
  };
  std::vector<Node> run_nodes;
  std::string expand;  ///< Node whose elements are the items; empty without one.
  std::vector<Item> items;
  std::string unknown;                     ///< Why items could not be listed, or empty.
  std::vector<std::string> unknown_nodes;  ///< Nodes that work on such items.
};

/// A node of a checked pipeline, for printing.
struct NodeView {
  std::string id;
  std::shared_ptr<const NodeType> type;
  std::vector<std::pair<std::string, std::string>> sources;  ///< Port, node id or "$input".
  std::vector<config::ParamRow> params;
  Layer layer = Layer::Run;
  bool store = false;
  bool output = false;
  bool until_used = false;  ///< Of what is stored.
  /// What it takes for a value of the type `cost_of` that counts as a whole; empty when it says
  /// nothing.
  std::function<Cost(const void*)> cost;
  const TypeDesc* cost_of = nullptr;
};

/// An input of a pipeline with what it holds now.
struct InputView {
  std::string name;
  std::string type;
  std::string value;                         ///< Of a number or text; else empty.
  std::vector<std::filesystem::path> paths;  ///< Of `file` and `files`.
  /// Of the content of its files: SHA-256 of a `file`, slides by the digest of all their bytes.
  /// Empty without a file, when no node reads it, and when it cannot be read.
  std::string digest;
};

/// The items of a pipeline, as its inputs list them. Nothing is opened.
class ItemList {
 public:
  explicit ItemList(std::unique_ptr<ExpandBody> body, ExpandBody::Plan plan);

  const std::vector<ItemName>& names() const { return names_; }
  /// Content digest of one. Its files are read, unless the digests given to Graph::items() know
  /// them.
  std::string digest(std::uint32_t item) const;

 private:
  std::unique_ptr<ExpandBody> body_;
  ExpandBody::Plan plan_;
  std::vector<ItemName> names_;
};

/// A checked, executable pipeline. Building it is the only place where types are compared.
class Graph {
 public:
  /// Checks everything that can be known without opening a slide. Problems go to `out`.
  /// `require_inputs`: an input without a value, or a file that does not exist, is a problem.
  static Graph build(const Pipeline& pipeline,
                     const Registry& registry,
                     Diagnostics& out,
                     bool require_inputs = true);

  Graph(Graph&&) noexcept;
  Graph& operator=(Graph&&) noexcept;
  ~Graph();

  std::vector<NodeView> nodes() const;  ///< In an order in which they could run.
  const Pipeline& pipeline() const;

  /// Digest of all that decides what a run writes but for the content of its inputs: node types
  /// with their versions, parameters that change results, connections, outputs.
  std::string definition() const;

  /// Digest of the definition and of the content of the inputs: runs with equal identities write
  /// equal files. Files that `digests` does not know are read. Throws what a run would throw when
  /// an input cannot be read.
  std::string identity(FileDigests& digests) const;

  /// The same but for the items themselves: what decides the files of an item beside the item.
  std::string settings(FileDigests& digests) const;

  /// The items, which must be of one node and listed by inputs alone; `digests` must outlive the
  /// result. Throws ConfigError when items are known only when something has run, or there are
  /// none.
  ItemList items(FileDigests& digests) const;

  /// Is anything made of all items together?
  bool has_results_of_all_items() const;

  /// The inputs of the pipeline in their order, read as identity() reads them.
  std::vector<InputView> inputs(FileDigests& digests) const;

  /// Calls `look` with what every node that measures cases can already say of them. What it or
  /// `look` throws as DataError is thrown with the name of the node.
  void look_at_measured(const std::function<void(const Measured&)>& look) const;

  /// What nodes say they will take, by files and parameters alone. What a node throws as DataError
  /// is thrown with its name.
  struct CostAhead {
    std::string node;
    std::optional<Costs> costs;  ///< None: not known.
  };
  std::vector<CostAhead> costs_ahead() const;

  /// What nodes want to be said before a run, one line each, sorted, each once.
  std::vector<std::string> warnings() const;

  /// Runs to completion. Throws NodeError with the cause nested (without keep_going), Interrupted
  /// when `stop` was set. What was computed and marked `store: true` is in the store either way.
  RunReport run(const RunOptions& options);

  /// `look` is called with each element that can be made, with its item and the place that it will
  /// have in `Survey::items`, in their order; then the element is let go. Elements of items that
  /// `wanted` does not want are not made. Throws Interrupted when `stop` was set.
  using Look = std::function<void(
      std::size_t place, const Survey::Item& item, const TypeDesc* type, const Data& element)>;
  using Wanted = std::function<bool(const Survey::Item&)>;
  Survey survey(const RunOptions& options, const Look& look = {}, const Wanted& wanted = {});

 private:
  struct Impl;
  explicit Graph(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mito::graph
