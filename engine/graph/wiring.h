#pragma once
// Internal to engine/graph: the oneTBB flow graph of a pipeline.
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <oneapi/tbb/flow_graph.h>

#include "engine/graph/device_thread.h"
#include "engine/graph/gather.h"
#include "engine/graph/run_state.h"

namespace mito::graph {

class Expansion;

/// Every node of a pipeline as a few nodes of a flow graph: one receiver per port, one that joins
/// what arrives by its key, and what the shape of the node needs. Lives as long as the graph runs.
class Wiring {
 public:
  Wiring(RunState& run, oneapi::tbb::flow::graph& graph);
  Wiring(const Wiring&) = delete;
  Wiring& operator=(const Wiring&) = delete;

  /// Finds out which items there are, as far as `inputs` say it. To be called first.
  void look_ahead(const std::vector<Packet>& inputs);
  /// Sends the inputs of the run and starts the nodes without inputs. `inputs`: by number.
  void start(const std::vector<Packet>& inputs);
  /// "; edge a -> b.port blocks 3 value(s)" for every edge that incomplete bundles wait for.
  std::string blocked_edges() const;

 private:
  struct Wired {
    std::vector<oneapi::tbb::flow::receiver<Packet>*> inputs;  // null: port not connected
    oneapi::tbb::flow::receiver<Packet>* start = nullptr;      // of a node without inputs
    oneapi::tbb::flow::sender<Packet>* output = nullptr;
    std::unique_ptr<Gather> gather;
  };
  using Bundles = oneapi::tbb::flow::sender<Bundle>;

  Wired wire(int i);
  Bundles& join(int i, Wired& out);
  oneapi::tbb::flow::sender<Packet>& wire_map(int i, const MapBody& body, Bundles& bundles);
  oneapi::tbb::flow::sender<Packet>& wire_expand(int i, const ExpandBody& body, Bundles& bundles);
  oneapi::tbb::flow::sender<Packet>& wire_reduce(int i, const ReduceBody& body, Bundles& bundles);
  void keep_output(int i, oneapi::tbb::flow::sender<Packet>& output);

  template <class Node, class... Arguments>
  Node& own(Arguments&&... arguments) {
    auto made = std::make_unique<Node>(graph_, std::forward<Arguments>(arguments)...);
    Node& node = *made;
    owned_.push_back(std::move(made));
    return node;
  }

  RunState& run_;
  oneapi::tbb::flow::graph& graph_;
  std::vector<std::shared_ptr<Expansion>> expansions_;
  std::vector<std::unique_ptr<DeviceThread>> devices_;
  std::vector<std::unique_ptr<oneapi::tbb::flow::graph_node>> owned_;
  std::vector<Wired> nodes_;
};

}  // namespace mito::graph
