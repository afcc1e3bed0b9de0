#include "engine/graph/steps.h"

namespace mito::graph {
namespace {

/// The result of the body, or what the store turns out to have.
Data make(RunState& run, int i, const MapBody& body, const Bundle& bundle) {
  const Packet& lead = bundle.lead;
  // A key that could not be known before may turn out to be in the store after all.
  if (run.node(i).layer != Layer::Part && run.schedule().stored(i)) {
    const auto artefact = lead.scope->artefact(i, 1);
    if (artefact != nullptr && artefact->has(0)) return run.node(i).type->decode(artefact->load(0));
  }
  Data result = body.run(run.context(i, *lead.scope, lead.partial), bundle.data());
  run.after_run(i, lead, result);
  return result;
}

}  // namespace

Packet map_bundle(RunState& run, int i, const MapBody& body, const Bundle& bundle) {
  const Packet& lead = bundle.lead;
  Packet out = without_data(lead, bundle.state());
  if (run.is_news(i, lead) || out.state == State::Empty) return out;
  const Action action = run.action(i, lead);
  if (action == Action::Skip) {
    if (out.state != State::Failed) out.state = State::Skipped;
    return out;
  }
  std::optional<Data> data;
  if (action == Action::Load) {
    data = run.guarded(i, lead, [&] { return run.load(i, lead); });
    out.partial = false;
  } else if (out.state == State::Value && !run.stopped()) {
    data = run.guarded(i, lead, [&] { return make(run, i, body, bundle); });
  }
  out.state = data ? State::Value : State::Failed;
  if (data) out.data = std::move(*data);
  return out;
}

}  // namespace mito::graph
