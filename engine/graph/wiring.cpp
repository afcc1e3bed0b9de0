#include "engine/graph/wiring.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "engine/graph/steps.h"

namespace mito::graph {

namespace flow = oneapi::tbb::flow;

namespace {

/// Does the node wait for an accelerator: by its own parameter `device`, or by that of the command
/// line, which wins?
bool one_at_a_time(const CheckedNode& node, const RunOptions& options) {
  if (node.params.concurrency != Concurrency::Device) return false;
  const auto& rows = node.params.rows;
  const auto own = std::ranges::find(rows, "device", &config::ParamRow::name);
  if (own == rows.end()) return true;
  const auto& device = options.device == "auto" ? own->value : options.device;
  return device == "cuda" || (device == "auto" && options.auto_accelerates);
}

/// A node that sends what a function returns, or nothing.
using Collector = flow::multifunction_node<Bundle, std::tuple<Packet>>;

}  // namespace

Wiring::Wiring(RunState& run, flow::graph& graph) : run_(run), graph_(graph) {
  for (std::size_t i = 0; i < run_.checked().nodes.size(); ++i) {
    const CheckedNode& n = run_.checked().nodes[i];
    Wired wired = wire(static_cast<int>(i));
    for (std::size_t port = 0; port < n.sources.size(); ++port) {
      if (n.sources[port].node < 0) continue;
      flow::make_edge(*nodes_[static_cast<std::size_t>(n.sources[port].node)].output,
                      *wired.inputs[port]);
    }
    if (n.keep) keep_output(static_cast<int>(i), *wired.output);
    nodes_.push_back(std::move(wired));
  }
}

Wiring::Wired Wiring::wire(int i) {
  const CheckedNode& n = run_.node(i);
  Wired out;
  Bundles& bundles = join(i, out);
  const Body& body = run_.make_body(i);
  switch (n.type->shape) {
    case Shape::Map:
      out.output = &wire_map(i, *std::get<std::unique_ptr<MapBody>>(body), bundles);
      break;
    case Shape::Expand:
      out.output = &wire_expand(i, *std::get<std::unique_ptr<ExpandBody>>(body), bundles);
      break;
    case Shape::Reduce:
      out.output = &wire_reduce(i, *std::get<std::unique_ptr<ReduceBody>>(body), bundles);
      break;
  }
  return out;
}

/// The receivers of a node's ports, and what makes bundles of them.
Wiring::Bundles& Wiring::join(int i, Wired& out) {
  const CheckedNode& n = run_.node(i);
  std::vector<std::optional<Layer>> layers;
  for (const auto& source : n.sources) {
    layers.push_back(source.node >= 0    ? std::optional(run_.node(source.node).layer)
                     : source.input >= 0 ? std::optional(Layer::Run)
                                         : std::nullopt);
  }
  out.gather = std::make_unique<Gather>(layers, n.in_layer);
  if (n.sources.empty()) {
    auto& start = own<flow::function_node<Packet, Bundle>>(flow::serial, [](const Packet& p) {
      return Bundle{{}, p};
    });
    out.start = &start;
    return start;
  }
  auto& join = own<flow::multifunction_node<Arrival, std::tuple<Bundle>>>(
      flow::serial, [gather = out.gather.get()](const Arrival& a, auto& ports) {
        for (auto& bundle : gather->accept(a)) std::get<0>(ports).try_put(bundle);
      });
  for (std::size_t port = 0; port < n.sources.size(); ++port) {
    out.inputs.push_back(nullptr);
    if (!n.sources[port].connected()) continue;
    auto& receiver =
        own<flow::function_node<Packet, Arrival>>(flow::unlimited, [port](const Packet& p) {
          return Arrival{port, p};
        });
    flow::make_edge(receiver, join);
    out.inputs.back() = &receiver;
  }
  return flow::output_port<0>(join);
}

flow::sender<Packet>& Wiring::wire_map(int i, const MapBody& body, Bundles& bundles) {
  auto work = [this, i, &body](const Bundle& b) { return map_bundle(run_, i, body, b); };
  if (one_at_a_time(run_.node(i), run_.options())) {
    auto* device = devices_.emplace_back(std::make_unique<DeviceThread>(work)).get();
    auto& worker = own<DeviceThread::Node>(
        flow::unlimited, [device](const Bundle& b, auto& gateway) { device->submit(b, gateway); });
    flow::make_edge(bundles, worker);
    return flow::output_port<0>(worker);  // async_node itself refuses successors
  }
  auto& worker = own<flow::function_node<Bundle, Packet>>(flow::unlimited, work);
  flow::make_edge(bundles, worker);
  return worker;
}

flow::sender<Packet>& Wiring::wire_expand(int i, const ExpandBody& body, Bundles& bundles) {
  const bool to_parts = run_.node(i).layer == Layer::Part;
  const auto& options = run_.options();
  auto valve = std::make_shared<Valve>(to_parts ? options.parts_in_flight : options.items_in_flight,
                                       to_parts, run_.memory(), options.progress,
                                       [this] { return run_.stopped(); });
  auto step = std::make_shared<Expansion>(run_, i, body, valve);
  expansions_.push_back(step);
  const bool parallel = !one_at_a_time(run_.node(i), options);
  auto& reader =
      own<flow::function_node<Tick, Packet>>(parallel ? flow::unlimited : flow::serial,
                                             [step](const Tick& t) { return step->element(t); });
  valve->open(&reader);
  auto& opener = own<Collector>(flow::serial, [step](const Bundle& b, auto& ports) {
    if (auto news = step->open(b)) std::get<0>(ports).try_put(*news);
  });
  auto& merge =
      own<flow::function_node<Packet, Packet>>(flow::unlimited, [](const Packet& p) { return p; });
  flow::make_edge(bundles, opener);
  flow::make_edge(flow::output_port<0>(opener), merge);
  flow::make_edge(reader, merge);
  return merge;
}

flow::sender<Packet>& Wiring::wire_reduce(int i, const ReduceBody& body, Bundles& bundles) {
  auto step = std::make_shared<Reduction>(run_, i, body);
  auto& collector = own<Collector>(flow::serial, [step](const Bundle& b, auto& ports) {
    if (auto result = step->collect(b)) std::get<0>(ports).try_put(*result);
  });
  flow::make_edge(bundles, collector);
  return flow::output_port<0>(collector);
}

/// Puts what an output of the pipeline sends into the report.
void Wiring::keep_output(int i, flow::sender<Packet>& output) {
  auto& tap = own<flow::function_node<Packet>>(flow::serial, [this, i](const Packet& p) {
    if (p.state != State::Value) return;
    run_.keep(i, p);
  });
  flow::make_edge(output, tap);
}

void Wiring::look_ahead(const std::vector<Packet>& inputs) {
  for (const auto& expansion : expansions_) expansion->look_ahead(inputs);
}

void Wiring::start(const std::vector<Packet>& inputs) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const CheckedNode& n = run_.checked().nodes[i];
    if (nodes_[i].start != nullptr) {  // a node without inputs runs once
      Packet begin;
      begin.scope = run_.schedule().run_scope();
      nodes_[i].start->try_put(begin);
    }
    for (std::size_t port = 0; port < n.sources.size(); ++port) {
      const int input = n.sources[port].input;
      if (input >= 0) nodes_[i].inputs[port]->try_put(inputs[static_cast<std::size_t>(input)]);
    }
  }
}

std::string Wiring::blocked_edges() const {
  const auto& checked = run_.checked();
  std::string text;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const auto& [port, number] : nodes_[i].gather->blocked()) {
      const Source& source = checked.nodes[i].sources[port];
      const std::string from =
          source.node >= 0
              ? run_.node(source.node).id
              : "$" + checked.pipeline.inputs[static_cast<std::size_t>(source.input)].name;
      text += fmt::format("; edge {} -> {}.{} blocks {} value(s)", from, checked.nodes[i].id,
                          checked.nodes[i].type->inputs[port].name, number);
    }
  }
  return text;
}

}  // namespace mito::graph
