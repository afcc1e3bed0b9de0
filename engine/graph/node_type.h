#pragma once
// What the engine knows of a node type.
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/config/param_io.h"
#include "engine/core/described.h"
#include "engine/core/file_digests.h"
#include "engine/core/foresight.h"
#include "engine/core/record.h"
#include "engine/graph/packet.h"

namespace mito {
class LocalCopies;
}

namespace mito::graph {

/// Where and how often a body may run at once. Parallelism belongs to the graph, not to bodies.
enum class Concurrency : std::uint8_t {
  Parallel,  ///< Any worker, any number at a time.
  Device,    ///< One dedicated thread, so that waiting for an accelerator never idles a worker.
};

/// Names of ports.
class Names {
 public:
  constexpr Names(std::initializer_list<std::string_view> names) : size_(names.size()) {
    std::ranges::copy(names, names_.begin());
  }
  constexpr std::size_t size() const { return size_; }
  constexpr std::string_view operator[](std::size_t i) const { return names_[i]; }

 private:
  std::array<std::string_view, 16> names_{};
  std::size_t size_;
};

/// What a node type says of itself.
struct NodeInfo {
  std::string_view type;     ///< YAML name, snake_case, unique.
  int version;               ///< Bump when the same inputs would give different outputs.
  std::string_view paper;    ///< "IV-A", "App. A", or "-" for plumbing.
  std::string_view summary;  ///< One sentence, present tense.
  Names inputs = {};         ///< In the order in which its function takes them.
  std::string_view output = "file";
  /// Device: with a parameter `device`, only where that is an accelerator.
  Concurrency concurrency = Concurrency::Parallel;
  bool sink = false;            ///< Writes files: may end a pipeline without being an output.
  bool identified = false;      ///< Of a sink: records of runs keep the digest of its file, too.
  std::string_view truth = {};  ///< Port of a file that says what is true, to compare runs by.
};

/// What a node takes for one value, known before anything is computed.
struct Cost {
  std::int64_t parts = 0;  ///< Elements that it makes of the value, at most.
  double part_mib = 0;     ///< Memory of one of them.
  double store_mib = 0;    ///< Of its result in the store, where it is kept.
  double scratch_mib = 0;  ///< On disk until the result is there.
  double output_mib = 0;   ///< Of the files it writes.
};

/// The same of several results.
struct Costs {
  Cost each;
  std::int64_t count = 1;  ///< Of results.
};

/// What a body may know beside its inputs. A node asks for it by taking `const NodeContext&` right
/// after its parameters.
struct NodeContext {
  std::string node;                  ///< Id in the pipeline file: the name of random streams.
  std::filesystem::path out_folder;  ///< Results of this item (slide) go here; exists.
  std::filesystem::path scratch;   ///< Survives a kill; belongs to this content key; may not exist.
  std::string key;                 ///< Content key of the node's result.
  std::string device = "auto";     ///< auto, cpu or cuda, from the command line.
  FileDigests* digests = nullptr;  ///< What is known of the content of files; null: nothing.
  LocalCopies* copies = nullptr;   ///< Of input files, nearer than these; null: none are made.
  std::function<bool()> stop = [] { return false; };          ///< Asked to stop: throw Interrupted.
  std::function<void(const std::string&, double)> progress =  ///< Message, fraction done in [0, 1].
      [](const std::string&, double) {};
  std::function<std::map<std::string, double>()> seconds =  ///< Busy seconds per node, this item.
      [] { return std::map<std::string, double>{}; };

  /// The device of the command line, where it names one; else the node's own.
  const std::string& device_or(const std::string& own) const {
    return device == "auto" ? own : device;
  }
  /// Sub-folder of the output folder that is named after the included part this node stands in
  /// ("cnn3" for detector.cnn3.members): a part may be included more than once. Made when it does
  /// not exist. The output folder itself for a node of no part.
  std::filesystem::path part_folder() const;
};

/// Identity of one element of an item-level expansion.
struct ItemIdentity {
  std::string digest;  ///< Content identity: equal digests, equal content.
  std::string name;    ///< For people: the slide's file name.
  std::string folder;  ///< Sub-folder of the output folder; empty = the output folder itself.
};

/// One element of an item-level expansion, as its plan knows it: nothing was opened or read.
struct ItemName {
  std::string name;                 ///< As in its identity.
  std::string folder;               ///< The same.
  std::uint64_t bytes = 0;          ///< Of its files: how much work it is, beside others.
  std::filesystem::path file = {};  ///< That it is made of; empty where it is more than one.
  std::map<std::string, std::string> about = {};  ///< By column, what the table that names it says.
};

struct Port {
  std::string_view name;
  const TypeDesc* type = nullptr;
  bool optional = false;
};

/// Inputs of one call, in port order; null where an optional port is not connected.
using Inputs = std::span<const Data>;

class MapBody {
 public:
  virtual ~MapBody() = default;
  virtual Data run(const NodeContext& context, Inputs in) const = 0;
};

class ExpandBody {
 public:
  struct Plan {
    Data state;
    std::uint32_t size = 0;
  };
  virtual ~ExpandBody() = default;
  virtual Plan plan(const NodeContext& context, Inputs in) const = 0;
  virtual Data element(const Plan& plan, std::uint32_t index) const = 0;
  /// This element will be asked for next: a chance to fetch what it is made of. Returns at once.
  virtual void prepare(const Plan& plan, std::uint32_t index) const = 0;
  /// Without an identity of its own, an element is known by its index.
  virtual std::optional<ItemIdentity> identity(const Plan& plan, std::uint32_t index) const = 0;
  /// None where only an identity tells elements apart.
  virtual std::optional<ItemName> listed(const Plan& plan, std::uint32_t index) const = 0;
};

class ReduceBody {
 public:
  virtual ~ReduceBody() = default;
  /// `context_in`: the ports after the first.
  virtual std::shared_ptr<void> begin(const NodeContext& context,
                                      std::uint32_t size,
                                      Inputs context_in) const = 0;
  /// How many leading elements an interrupted run has already added, by its own checkpoint.
  virtual std::uint32_t resumes_at(const NodeContext& context) const = 0;
  virtual void add(void* acc, std::uint32_t index, const Data& in) const = 0;
  virtual Data finish(std::shared_ptr<void> acc) const = 0;
};

using Body = std::
    variant<std::unique_ptr<MapBody>, std::unique_ptr<ExpandBody>, std::unique_ptr<ReduceBody>>;

enum class Shape : std::uint8_t { Map, Expand, Reduce };

/// Parameters of one node, read and checked.
struct BoundParams {
  std::string canonical;  ///< Parameter part of the content key.
  std::vector<config::ParamRow> rows;
  std::function<Body()> make;
  Concurrency concurrency = Concurrency::Parallel;
  // What the node says before anything is computed; each may be empty.
  std::function<Foretold(const Foresight&)> foretell;
  std::function<std::optional<Measured>(const Foresight&)> measures;
  std::function<std::vector<std::string>(const Foresight&)> warnings;
  /// Of all results; none when their number or size is not known.
  std::function<std::optional<Costs>(const Foresight&)> cost_ahead;
  std::function<Cost(const void*)> cost;  ///< Of a value of the type `cost_of`.
  const TypeDesc* cost_of = nullptr;
};

/// A shared library that brings node types (engine/graph/plugin.h).
struct Plugin {
  std::filesystem::path file;
  std::string digest;  ///< SHA-256 of the file: part of the content keys of its nodes (ADR 0032).
};

/// Everything the engine knows about a node type: derived once, from the node struct.
struct NodeType {
  NodeInfo info;
  Shape shape = Shape::Map;
  bool takes_context = false;  ///< Or writes files: its output folder has to exist.
  bool measures = false;       ///< Says which cases it measures.
  std::vector<Port> inputs;
  Port output;
  std::function<BoundParams(const config::Value* params, const std::string& owner, Diagnostics&)>
      bind;
  std::function<Record(const Data&)> encode;  ///< Empty when the output cannot be stored.
  std::function<Data(const Record&)> decode;
  std::function<std::string(const Data&)> written_file;  ///< Of a sink: relative to the out folder.
  std::function<Layout()> layout;               ///< Empty when the output does not describe itself.
  std::function<Summary(const Data&)> summary;  ///< The same.
  std::shared_ptr<const Plugin> plugin;         ///< That it comes from; null: the program.
};

/// Derives it from a node struct (engine/graph/node.h).
template <class N>
NodeType describe_node();

/// All node types by YAML name. Filled by explicit calls, never by static initialisers.
class Registry {
 public:
  template <class N>
  void add() {
    insert(describe_node<N>());
  }
  /// Adds the types of `others` as those of a plug-in: all or none. Throws Error when one of them
  /// is there already, or has a port for a payload that is another one than that of the same name.
  void add_plugin(const Registry& others, Plugin plugin);
  std::shared_ptr<const NodeType> find(std::string_view type) const;  ///< Null when unknown.
  std::vector<std::string> names() const;                             ///< Sorted.

 private:
  void insert(NodeType type);
  std::vector<std::shared_ptr<const NodeType>> types_;
};

}  // namespace mito::graph
