// Executes a checked pipeline on a oneTBB flow graph (docs/architecture.md).
#include "engine/graph/runtime.h"

#include <algorithm>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "engine/graph/run_state.h"
#include "engine/graph/watchdog.h"
#include "engine/graph/wiring.h"

namespace mito::graph {
namespace {

/// What travels from an input of the run; throws ConfigError when it has no value.
Packet input_packet(RunState& run, std::size_t input) {
  const auto& decl = run.checked().pipeline.inputs[input];
  Packet packet;
  packet.scope = run.schedule().run_scope();
  packet.data = run.schedule().input_data(static_cast<int>(input));
  if (packet.data == nullptr)
    throw ConfigError(
        fmt::format("{}: error: input '{}' has no value", to_string(decl.pos), decl.name));
  return packet;
}

bool is_used(const Checked& checked, std::size_t input) {
  return std::ranges::any_of(checked.nodes, [&](const CheckedNode& n) {
    return std::ranges::any_of(n.sources,
                               [&](const Source& s) { return s.input == static_cast<int>(input); });
  });
}

/// By number; those that no node takes stay empty.
std::vector<Packet> input_packets(RunState& run) {
  std::vector<Packet> packets(run.checked().pipeline.inputs.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (is_used(run.checked(), i)) packets[i] = input_packet(run, i);
  }
  return packets;
}

}  // namespace

RunReport execute(const Checked& checked, const RunOptions& options) {
  RunState run(checked, options);
  const int threads = run.options().threads;
  const oneapi::tbb::global_control workers(oneapi::tbb::global_control::max_allowed_parallelism,
                                            static_cast<std::size_t>(threads));
  const auto inputs = input_packets(run);
  std::string blocked;
  oneapi::tbb::task_arena arena(threads);
  arena.execute([&] {
    oneapi::tbb::flow::graph graph;
    Wiring wiring(run, graph);
    const Watchdog watchdog(run.activity(), run.options().stall_s, run.options().on_stall,
                            [&] { return wiring.blocked_edges(); });
    wiring.look_ahead(inputs);
    wiring.start(inputs);
    graph.wait_for_all();
    if (run.clean()) blocked = wiring.blocked_edges();
  });
  return run.finish(blocked);
}

}  // namespace mito::graph
