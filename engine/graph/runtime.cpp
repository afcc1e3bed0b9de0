// Executes a checked pipeline on a oneTBB flow graph (CONTRIBUTING.md, docs/architecture.md).
#include "engine/graph/runtime.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <optional>
#include <set>
#include <thread>
#include <unordered_map>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/task_arena.h>

#include "engine/graph/activity.h"
#include "engine/graph/device_thread.h"
#include "engine/graph/gather.h"
#include "engine/graph/items.h"
#include "engine/graph/manifest.h"
#include "engine/graph/schedule.h"

namespace mito::graph {
namespace {

namespace flow = oneapi::tbb::flow;
namespace fs = std::filesystem;

using BundleSplit = flow::multifunction_node<Arrival, std::tuple<Bundle>>;
using Worker = flow::function_node<Bundle, Packet>;
using Reader = flow::function_node<Tick, Packet>;
using Collector = flow::multifunction_node<Bundle, std::tuple<Packet>>;

struct RuntimeNode {
  std::vector<std::unique_ptr<flow::graph_node>> owned;
  std::vector<flow::receiver<Packet>*> inputs;  // null: port not connected
  flow::receiver<Packet>* start = nullptr;      // of a node without inputs
  flow::sender<Packet>* output = nullptr;
  std::shared_ptr<Gather> gather;
  std::shared_ptr<Body> body;
  std::shared_ptr<DeviceThread> device;
};

/// The run of one graph: wiring, bodies, failures.
class Runtime {
 public:
  Runtime(const Checked& checked, const RunOptions& options)
      : checked_(checked), options_(options), schedule_(checked, options_) {}

  RunReport run();

 private:
  struct Open;  // a group being reduced

  const CheckedNode& node(int i) const { return checked_.nodes[static_cast<std::size_t>(i)]; }
  bool stopped() const {
    return failed_ || interrupted_ || (options_.stop != nullptr && options_.stop->load());
  }
  std::string place(int i, const Packet& lead) const {
    std::string where = fmt::format("node '{}' ({})", node(i).id, node(i).type->info.type);
    if (lead.scope != nullptr && !lead.scope->is_run()) {
      where += fmt::format(", {} '{}'", node(lead.scope->expand()).id,
                           lead.scope->identity().name.empty() ? std::to_string(lead.key.item)
                                                               : lead.scope->identity().name);
    }
    if (lead.key.part != Key::kWhole)
      where += fmt::format(", tile {} of {}", lead.key.part + 1, lead.siblings.parts);
    return where;
  }

  /// Runs `f`, turning an exception into a recorded failure and a Failed packet.
  template <class F>
  std::optional<std::invoke_result_t<F>> guarded(int i, const Packet& lead, F&& f) {
    const auto start = Clock::now();
    std::optional<std::invoke_result_t<F>> out;
    try {
      const Activity::Call call(activity_, place(i, lead));
      out.emplace(f());
    } catch (const Interrupted&) {
      interrupted_ = true;
    } catch (...) {
      fail(i, lead, std::current_exception());
    }
    if (lead.scope != nullptr)
      lead.scope->add_time(i, std::chrono::nanoseconds(Clock::now() - start).count());
    return out;
  }

  void fail(int i, const Packet& lead, std::exception_ptr cause) {
    const std::lock_guard lock(mutex_);
    std::exception_ptr wrapped;
    try {
      try {
        std::rethrow_exception(cause);
      } catch (...) {
        std::throw_with_nested(NodeError(place(i, lead)));
      }
    } catch (...) {
      wrapped = std::current_exception();
    }
    const bool of_item = lead.scope != nullptr && !lead.scope->is_run();
    if (options_.keep_going && of_item) {
      if (failed_items_.insert({lead.scope->expand(), lead.scope->index()}).second) {
        try {
          std::rethrow_exception(wrapped);
        } catch (const std::exception& e) {
          report_.failures.push_back({lead.scope->identity().name, explain(e)});
        }
      }
      return;
    }
    if (first_error_ == nullptr) first_error_ = wrapped;
    failed_ = true;
  }

  NodeContext context(int i, const Scope& scope) const {
    NodeContext c;
    c.node = node(i).id;
    c.out_folder = scope.out_folder();
    c.key = scope.key(i);
    c.scratch = options_.store != nullptr ? fs::path(options_.store->scratch(c.key))
                                          : options_.out / (".scratch-" + c.key.substr(0, 16));
    c.device = options_.device;
    c.digests = &schedule_.digests();
    c.stop = [this] { return stopped(); };
    c.progress = [this, id = c.node](const std::string& text, double fraction) {
      activity_.touch();
      if (options_.progress != nullptr && options_.progress->message)
        options_.progress->message(id, text, fraction);
    };
    c.seconds = [&scope] { return scope.seconds(); };
    if (node(i).type->takes_context) fs::create_directories(c.out_folder);
    return c;
  }

  /// A packet that stands for a whole group without elements.
  bool is_news(int i, const Packet& lead) const {
    return (node(i).in_layer != Layer::Run && lead.key.item == Key::kWhole) ||
           (node(i).in_layer == Layer::Part && lead.key.part == Key::kWhole);
  }

  void count(int i) {
    const std::lock_guard lock(mutex_);
    ++report_.runs[node(i).id];
  }

  static Packet without_data(const Packet& lead, State state) {
    Packet out = lead;
    out.state = state;
    out.data = nullptr;
    return out;
  }

  Data load(int i, const Packet& lead) {
    const bool part = node(i).layer == Layer::Part;
    const auto artefact = lead.scope->artefact(i, lead.siblings.parts);
    if (artefact == nullptr) throw DataError("the stored result has gone");
    return node(i).type->decode(artefact->load(part ? lead.key.part : 0));
  }
  void save(int i, const Packet& lead, const Data& data) {
    const auto artefact = lead.scope->artefact(i, lead.siblings.parts);
    if (artefact == nullptr) return;
    artefact->save(node(i).layer == Layer::Part ? lead.key.part : 0, node(i).type->encode(data));
  }
  void after_run(int i, const Packet& lead, const Data& data) {
    count(i);
    save(i, lead, data);
    const auto& written = node(i).type->written_file;
    if (written)
      record_file(lead.scope->out_folder(), node(i).id, lead.scope->key(i), written(data));
  }

  Action action(int i, const Packet& lead) const {
    return lead.part_actions != nullptr && node(i).layer == Layer::Part
               ? (*lead.part_actions)[static_cast<std::size_t>(i)]
               : lead.scope->action(i);
  }

  RuntimeNode wire(flow::graph& g, int i);
  void wire_map(flow::graph& g, int i, RuntimeNode& out, flow::sender<Bundle>& bundles);
  void wire_expand(flow::graph& g, int i, RuntimeNode& out, flow::sender<Bundle>& bundles);
  void wire_reduce(flow::graph& g, int i, RuntimeNode& out, flow::sender<Bundle>& bundles);
  Packet map(int i, const MapBody& body, const Bundle& bundle);
  std::optional<Packet> open_group(int i,
                                   const ExpandBody& body,
                                   Valve& valve,
                                   const Bundle& bundle);
  Packet element(int i,
                 const ExpandBody& body,
                 const std::shared_ptr<Valve>& valve,
                 const Tick& tick);
  std::optional<Packet> collect(int i,
                                const ReduceBody& body,
                                std::unordered_map<std::uint64_t, Open>& groups,
                                const Bundle& bundle);
  std::vector<std::uint32_t> resumed(int expand, const Packet& lead, std::uint32_t size);
  std::string blocked_edges(const std::vector<RuntimeNode>& nodes) const;
  Packet input_packet(int input) const;
  bool input_used(int input) const;

  const Checked& checked_;
  RunOptions options_;
  Schedule schedule_;
  mutable Activity activity_;  // progress of a body counts, and its context is const
  RunReport report_;
  std::mutex mutex_;
  std::exception_ptr first_error_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> interrupted_{false};
  std::set<std::pair<int, std::uint32_t>> failed_items_;
  std::vector<std::shared_ptr<Scope>> all_scopes_;
  std::vector<std::shared_ptr<Body>> bodies_;  // by node; complete before the graph starts
};

struct Runtime::Open {
  struct Waiting {
    Data data;                       // null: a failed item that is left out
    std::shared_ptr<Credit> credit;  // what waits keeps its credit, so waiting is bounded
  };
  std::shared_ptr<void> acc;
  std::map<std::uint32_t, Waiting> early;
  std::uint32_t next = 0;
  std::uint32_t received = 0;
  bool begun = false;
  bool failed = false;
};

// --- map
// ------------------------------------------------------------------------------------------

Packet Runtime::map(int i, const MapBody& body, const Bundle& bundle) {
  const Packet& lead = bundle.lead;
  Packet out = without_data(lead, bundle.state());
  if (is_news(i, lead) || out.state == State::Empty) return out;
  switch (action(i, lead)) {
    case Action::Skip:
      if (out.state != State::Failed) out.state = State::Skipped;
      return out;
    case Action::Load: {
      auto data = guarded(i, lead, [&] { return load(i, lead); });
      out.state = data ? State::Value : State::Failed;
      if (data) out.data = std::move(*data);
      return out;
    }
    case Action::Run:
      break;
  }
  if (out.state != State::Value) {
    out.state = State::Failed;
    return out;
  }
  if (stopped()) {
    out.state = State::Failed;
    return out;
  }
  const auto in = bundle.data();
  auto data = guarded(i, lead, [&] {
    // A key that could not be known before may turn out to be in the store after all.
    if (node(i).layer != Layer::Part && schedule_.stored(i)) {
      const auto artefact = lead.scope->artefact(i, 1);
      if (artefact != nullptr && artefact->has(0)) return node(i).type->decode(artefact->load(0));
    }
    Data result = body.run(context(i, *lead.scope), in);
    after_run(i, lead, result);
    return result;
  });
  out.state = data ? State::Value : State::Failed;
  if (data) out.data = std::move(*data);
  return out;
}

void Runtime::wire_map(flow::graph& g, int i, RuntimeNode& out, flow::sender<Bundle>& bundles) {
  const MapBody* body = std::get<std::unique_ptr<MapBody>>(*out.body).get();
  auto work = [this, i, body](const Bundle& b) { return map(i, *body, b); };
  if (node(i).params.concurrency == Concurrency::Device) {
    out.device = std::make_shared<DeviceThread>(work);
    auto worker = std::make_unique<DeviceThread::Node>(
        g, flow::unlimited, [device = out.device.get()](const Bundle& b, auto& gateway) {
          device->submit(b, gateway);
        });
    flow::make_edge(bundles, *worker);
    out.output = &flow::output_port<0>(*worker);  // async_node itself refuses successors
    out.owned.push_back(std::move(worker));
    return;
  }
  const bool serial = node(i).params.concurrency == Concurrency::Serial;
  auto worker = std::make_unique<Worker>(g, serial ? flow::serial : flow::unlimited, work);
  flow::make_edge(bundles, *worker);
  out.output = worker.get();
  out.owned.push_back(std::move(worker));
}

// --- expand
// ---------------------------------------------------------------------------------------

std::optional<Packet> Runtime::open_group(int i,
                                          const ExpandBody& body,
                                          Valve& valve,
                                          const Bundle& bundle) {
  const Packet& lead = bundle.lead;
  const bool to_items = node(i).layer == Layer::Item;
  auto group = std::make_shared<Group>();
  group->outer = lead;
  group->siblings = lead.siblings;
  State state = bundle.state();
  if (!to_items && lead.scope->action(i) == Action::Skip && state != State::Failed)
    state = State::Skipped;
  if (state == State::Value) {
    const auto in = bundle.data();
    auto plan = guarded(i, lead, [&] { return body.plan(context(i, *lead.scope), in); });
    if (plan) {
      group->plan = std::move(*plan);
      if (group->plan.size == 0) state = State::Empty;
    } else {
      state = State::Failed;
    }
  }
  if (state == State::Value && to_items) {
    auto scopes = guarded(i, lead, [&] {
      const auto between = [this] {
        activity_.touch();
        if (stopped()) throw Interrupted("interrupted");
      };
      std::vector<std::shared_ptr<Scope>> items;
      for (auto& identity : identities(node(i), body, group->plan, between))
        items.push_back(
            schedule_.item_scope(i, static_cast<std::uint32_t>(items.size()), std::move(identity)));
      schedule_.set_items(i, items);
      return items;
    });
    if (scopes) {
      group->items = std::move(*scopes);
      const std::lock_guard lock(mutex_);
      report_.items += group->plan.size;
      all_scopes_.insert(all_scopes_.end(), group->items.begin(), group->items.end());
    } else {
      state = State::Failed;
    }
  }
  if (state == State::Value && !to_items) group->resume = resumed(i, lead, group->plan.size);
  const std::uint32_t size = state == State::Value ? group->plan.size : 0;
  (to_items ? group->siblings.items : group->siblings.parts) = size;
  if (options_.progress != nullptr)
    (to_items ? options_.progress->items : options_.progress->parts) += size;
  if (size == 0) {
    Packet news = without_data(lead, state);
    news.siblings = group->siblings;
    return news;
  }
  valve.push(std::move(group));
  return std::nullopt;
}

/// Per node: how many leading parts of this group a reduce holds in its checkpoint.
std::vector<std::uint32_t> Runtime::resumed(int expand, const Packet& lead, std::uint32_t size) {
  std::vector<std::uint32_t> out(checked_.nodes.size(), 0);
  for (std::size_t n = 0; n < out.size(); ++n) {
    const CheckedNode& reduce = checked_.nodes[n];
    const auto i = static_cast<int>(n);
    if (reduce.type->shape != Shape::Reduce || reduce.in_layer != Layer::Part ||
        node(reduce.sources[0].node).path.back() != expand || lead.scope->action(i) != Action::Run)
      continue;
    const auto& body = *std::get<std::unique_ptr<ReduceBody>>(*bodies_[n]);
    const auto done = guarded(i, lead, [&] { return body.resumes_at(context(i, *lead.scope)); });
    out[n] = std::min(done.value_or(0), size);
  }
  return out;
}

Packet Runtime::element(int i,
                        const ExpandBody& body,
                        const std::shared_ptr<Valve>& valve,
                        const Tick& tick) {
  const Group& group = *tick.group;
  const bool to_items = node(i).layer == Layer::Item;
  Packet out;
  out.key = group.outer.key;
  (to_items ? out.key.item : out.key.part) = tick.index;
  out.siblings = group.siblings;
  out.scope = to_items ? group.items[tick.index] : group.outer.scope;
  out.credit = std::make_shared<Credit>(valve, group.outer.credit, to_items ? out.scope : nullptr);
  if (!to_items) out.resume = {tick.group, &group.resume};
  bool wanted = true;
  if (!to_items) {
    auto actions = guarded(i, out, [&] {
      return schedule_.part_actions(*out.scope, i, tick.index, group.plan.size, group.resume);
    });
    if (!actions) {
      out.state = State::Failed;
      out.part_actions =
          std::make_shared<const std::vector<Action>>(checked_.nodes.size(), Action::Skip);
      return out;
    }
    wanted = (*actions)[static_cast<std::size_t>(i)] == Action::Run;
    out.part_actions = std::make_shared<const std::vector<Action>>(std::move(*actions));
    if (!wanted && options_.progress != nullptr) ++options_.progress->parts_cached;
  } else {
    wanted = out.scope->action(i) == Action::Run;
  }
  if (!wanted) {
    out.state = State::Skipped;
    return out;
  }
  if (stopped()) {
    out.state = State::Failed;
    return out;
  }
  auto data = guarded(i, out, [&] { return body.element(group.plan, tick.index); });
  if (data) {
    out.data = std::move(*data);
    count(i);
  } else {
    out.state = State::Failed;
  }
  return out;
}

void Runtime::wire_expand(flow::graph& g, int i, RuntimeNode& out, flow::sender<Bundle>& bundles) {
  const ExpandBody* body = std::get<std::unique_ptr<ExpandBody>>(*out.body).get();
  const bool to_parts = node(i).layer == Layer::Part;
  const int capacity = to_parts ? options_.parts_in_flight : options_.items_in_flight;
  auto valve =
      std::make_shared<Valve>(capacity, to_parts, options_.progress, [this] { return stopped(); });
  const std::size_t limit =
      node(i).params.concurrency == Concurrency::Parallel ? flow::unlimited : flow::serial;
  auto reader = std::make_unique<Reader>(
      g, limit, [this, i, body, valve](const Tick& t) { return element(i, *body, valve, t); });
  valve->open(reader.get());
  auto opener = std::make_unique<Collector>(g, flow::serial,
                                            [this, i, body, valve](const Bundle& b, auto& ports) {
                                              if (auto news = open_group(i, *body, *valve, b))
                                                std::get<0>(ports).try_put(*news);
                                            });
  auto merge = std::make_unique<flow::function_node<Packet, Packet>>(
      g, flow::unlimited, [](const Packet& p) { return p; });
  flow::make_edge(bundles, *opener);
  flow::make_edge(flow::output_port<0>(*opener), *merge);
  flow::make_edge(*reader, *merge);
  out.output = merge.get();
  out.owned.push_back(std::move(opener));
  out.owned.push_back(std::move(reader));
  out.owned.push_back(std::move(merge));
}

// --- reduce
// ---------------------------------------------------------------------------------------

std::optional<Packet> Runtime::collect(int i,
                                       const ReduceBody& body,
                                       std::unordered_map<std::uint64_t, Open>& groups,
                                       const Bundle& bundle) {
  const Layer from = node(i).in_layer;
  const Packet& lead = bundle.lead;
  const Key outer_key = lead.key.at(enclosing(from));
  const bool news = is_news(i, lead);
  if (from == Layer::Part && lead.key.item == Key::kWhole)
    return lead;  // there are no items at all
  const std::uint32_t size = news ? 0 : lead.siblings.of(from);
  Open& open = groups[outer_key.hash()];
  ++open.received;

  Packet result;
  result.key = outer_key;
  result.siblings = lead.siblings;
  result.scope = from == Layer::Item ? schedule_.run_scope() : lead.scope;
  result.credit = news || lead.credit == nullptr ? lead.credit : lead.credit->outer();
  const Action what = result.scope->action(i);

  const State state = bundle.state();
  const bool run = what == Action::Run && !stopped();
  const bool left_out =
      state == State::Failed && from == Layer::Item && options_.keep_going && !news;
  // Below it, parts are in the checkpoint of this reduce; nobody may have made them.
  const std::uint32_t resume =
      lead.resume == nullptr ? 0 : (*lead.resume)[static_cast<std::size_t>(i)];
  const bool resumed = state == State::Skipped && bundle.in[0].state == State::Skipped && !news &&
                       lead.key.index(from) < resume;
  if (state == State::Value || (news && state == State::Empty) || left_out || resumed) {
    const auto added = !run || open.failed || guarded(i, lead, [&] {
      if (!open.begun && !left_out) {
        auto in = bundle.data();
        in.erase(in.begin());
        open.acc = body.begin(context(i, *result.scope), size, in);
        open.begun = true;
      }
      if (!news) open.early[lead.key.index(from)] = {bundle.in[0].data, lead.credit};
      while (!open.early.empty() && open.early.begin()->first == open.next) {
        const Data data = open.early.begin()->second.data;
        if (data != nullptr && open.next >= resume) body.add(open.acc.get(), open.next, data);
        ++open.next;
        open.early.erase(open.early.begin());
      }
      return true;
    });
    if (!added) open.failed = true;
  } else if (state == State::Failed || what == Action::Run) {
    open.failed = true;
  }
  if (open.received < std::max(size, 1U)) return std::nullopt;

  Open done = std::move(open);
  groups.erase(outer_key.hash());
  if (what == Action::Skip) {
    result.state = done.failed ? State::Failed : State::Skipped;
    return result;
  }
  std::optional<Data> data;
  if (what == Action::Load) {
    data = guarded(i, result, [&] { return load(i, result); });
  } else if (done.begun && !done.failed && !stopped()) {
    data = guarded(i, result, [&] {
      Data sealed = body.finish(std::move(done.acc));
      after_run(i, result, sealed);
      return sealed;
    });
  }
  result.state = data ? State::Value : State::Failed;
  if (data) result.data = std::move(*data);
  return result;
}

void Runtime::wire_reduce(flow::graph& g, int i, RuntimeNode& out, flow::sender<Bundle>& bundles) {
  const ReduceBody* body = std::get<std::unique_ptr<ReduceBody>>(*out.body).get();
  auto groups = std::make_shared<std::unordered_map<std::uint64_t, Open>>();
  auto collector = std::make_unique<Collector>(
      g, flow::serial, [this, i, body, groups](const Bundle& b, auto& ports) {
        if (auto result = collect(i, *body, *groups, b)) std::get<0>(ports).try_put(*result);
      });
  flow::make_edge(bundles, *collector);
  out.output = &flow::output_port<0>(*collector);
  out.owned.push_back(std::move(collector));
}

// --- wiring
// ---------------------------------------------------------------------------------------

RuntimeNode Runtime::wire(flow::graph& g, int i) {
  const CheckedNode& n = node(i);
  RuntimeNode out;
  std::vector<std::optional<Layer>> layers;
  for (const auto& source : n.sources) {
    layers.push_back(source.node >= 0    ? std::optional(node(source.node).layer)
                     : source.input >= 0 ? std::optional(Layer::Run)
                                         : std::nullopt);
  }
  out.gather = std::make_shared<Gather>(layers, n.in_layer);
  auto join = std::make_unique<BundleSplit>(g, flow::serial,
                                            [gather = out.gather](const Arrival& a, auto& ports) {
                                              for (auto& bundle : gather->accept(a))
                                                std::get<0>(ports).try_put(bundle);
                                            });
  for (std::size_t port = 0; port < n.sources.size(); ++port) {
    if (!n.sources[port].connected()) {
      out.inputs.push_back(nullptr);
      continue;
    }
    auto receiver = std::make_unique<flow::function_node<Packet, Arrival>>(
        g, flow::unlimited, [port](const Packet& p) {
          return Arrival{port, p};
        });
    flow::make_edge(*receiver, *join);
    out.inputs.push_back(receiver.get());
    out.owned.push_back(std::move(receiver));
  }
  out.body = std::make_shared<Body>(n.params.make());
  bodies_.push_back(out.body);
  auto start =
      std::make_unique<flow::function_node<Packet, Bundle>>(g, flow::serial, [](const Packet& p) {
        return Bundle{{}, p};
      });
  if (n.sources.empty()) out.start = start.get();
  flow::sender<Bundle>& bundles =
      n.sources.empty() ? *start : static_cast<flow::sender<Bundle>&>(flow::output_port<0>(*join));
  switch (n.type->shape) {
    case Shape::Map:
      wire_map(g, i, out, bundles);
      break;
    case Shape::Expand:
      wire_expand(g, i, out, bundles);
      break;
    case Shape::Reduce:
      wire_reduce(g, i, out, bundles);
      break;
  }
  out.owned.push_back(std::move(join));
  out.owned.push_back(std::move(start));
  return out;
}

Packet Runtime::input_packet(int input) const {
  const auto& decl = checked_.pipeline.inputs[static_cast<std::size_t>(input)];
  Packet packet;
  packet.scope = schedule_.run_scope();
  packet.data = schedule_.input_data(input);
  if (packet.data == nullptr)
    throw ConfigError(
        fmt::format("{}: error: input '{}' has no value", to_string(decl.pos), decl.name));
  return packet;
}

bool Runtime::input_used(int input) const {
  return std::ranges::any_of(checked_.nodes, [&](const CheckedNode& n) {
    return std::ranges::any_of(n.sources, [&](const Source& s) { return s.input == input; });
  });
}

std::string Runtime::blocked_edges(const std::vector<RuntimeNode>& nodes) const {
  std::string text;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const auto& [port, number] : nodes[i].gather->blocked()) {
      const Source& source = checked_.nodes[i].sources[port];
      const std::string from =
          source.node >= 0
              ? node(source.node).id
              : "$" + checked_.pipeline.inputs[static_cast<std::size_t>(source.input)].name;
      text += fmt::format("; edge {} -> {}.{} blocks {} value(s)", from, checked_.nodes[i].id,
                          checked_.nodes[i].type->inputs[port].name, number);
    }
  }
  return text;
}

RunReport Runtime::run() {
  const int threads =
      options_.threads > 0 ? options_.threads : oneapi::tbb::info::default_concurrency();
  if (options_.parts_in_flight <= 0) options_.parts_in_flight = 2 * threads + 2;
  const oneapi::tbb::global_control workers(oneapi::tbb::global_control::max_allowed_parallelism,
                                            static_cast<std::size_t>(threads));
  all_scopes_.push_back(schedule_.run_scope());
  std::vector<Packet> inputs(checked_.pipeline.inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (input_used(static_cast<int>(i))) inputs[i] = input_packet(static_cast<int>(i));
  }

  std::mutex results_mutex;
  std::string blocked;
  oneapi::tbb::task_arena arena(threads);
  arena.execute([&] {
    flow::graph g;
    std::vector<RuntimeNode> nodes;
    std::vector<std::unique_ptr<flow::graph_node>> taps;
    for (std::size_t i = 0; i < checked_.nodes.size(); ++i) {
      RuntimeNode runtime = wire(g, static_cast<int>(i));
      const CheckedNode& n = checked_.nodes[i];
      for (std::size_t port = 0; port < n.sources.size(); ++port) {
        if (n.sources[port].node < 0) continue;
        flow::make_edge(*nodes[static_cast<std::size_t>(n.sources[port].node)].output,
                        *runtime.inputs[port]);
      }
      if (n.keep) {
        auto tap = std::make_unique<flow::function_node<Packet>>(
            g, flow::serial, [this, &n, &results_mutex](const Packet& p) {
              if (p.state != State::Value) return;
              const std::lock_guard lock(results_mutex);
              report_.outputs[n.id].push_back({p.key, p.scope->identity().name, p.data});
            });
        flow::make_edge(*runtime.output, *tap);
        taps.push_back(std::move(tap));
      }
      nodes.push_back(std::move(runtime));
    }

    std::mutex watch_mutex;
    std::condition_variable watch_wake;
    bool finished = false;
    std::thread watchdog;
    if (options_.stall_s > 0 && options_.on_stall) {
      watchdog = std::thread([&] {
        const auto limit = std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>(options_.stall_s));
        std::unique_lock lock(watch_mutex);
        while (!watch_wake.wait_for(lock, limit / 4, [&] { return finished; })) {
          const std::string stall = activity_.stalled(limit);
          if (!stall.empty()) options_.on_stall(stall + blocked_edges(nodes));
        }
      });
    }

    for (std::size_t i = 0; i < checked_.nodes.size(); ++i) {
      const CheckedNode& n = checked_.nodes[i];
      if (nodes[i].start != nullptr) {  // a node without inputs runs once
        Packet begin;
        begin.scope = schedule_.run_scope();
        nodes[i].start->try_put(begin);
      }
      for (std::size_t port = 0; port < n.sources.size(); ++port) {
        const int input = n.sources[port].input;
        if (input >= 0) nodes[i].inputs[port]->try_put(inputs[static_cast<std::size_t>(input)]);
      }
    }
    g.wait_for_all();
    if (!stopped() && !interrupted_ && report_.failures.empty()) blocked = blocked_edges(nodes);
    {
      const std::lock_guard lock(watch_mutex);
      finished = true;
    }
    watch_wake.notify_all();
    if (watchdog.joinable()) watchdog.join();
  });

  for (const auto& scope : all_scopes_) {
    scope->flush();
    for (const auto& [id, seconds] : scope->seconds()) report_.seconds[id] += seconds;
  }
  if (first_error_ != nullptr) std::rethrow_exception(first_error_);
  if (interrupted_ || stopped())
    throw Interrupted("interrupted; what was stored will be used again");
  if (!blocked.empty()) throw NodeError("the graph came to rest with work left" + blocked);
  for (auto& [id, results] : report_.outputs)
    std::ranges::sort(results, {}, [](const Result& r) { return r.key.hash(); });
  std::ranges::sort(report_.failures, {}, &Failure::item);
  return std::move(report_);
}

}  // namespace

RunReport execute(const Checked& checked, const RunOptions& options) {
  return Runtime(checked, options).run();
}

}  // namespace mito::graph
