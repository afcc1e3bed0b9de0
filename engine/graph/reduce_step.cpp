#include <algorithm>
#include <stdexcept>

#include "engine/graph/steps.h"

namespace mito::graph {

std::optional<Packet> Reduction::collect(const Bundle& bundle) {
  const Layer from = run_.node(i_).in_layer;
  const Packet& lead = bundle.lead;
  if (from == Layer::Part && lead.key.item == Key::kWhole)
    return lead;  // there are no items at all
  Packet result = result_of(lead);
  const Action action = result.scope->action(i_);
  Group& group = groups_[result.key.hash()];
  ++group.received;
  const Meaning meaning = meaning_of(bundle, action);
  if (action == Action::Run && run_.is_news(i_, bundle.lead) && bundle.state() == State::Skipped)
    run_.guarded(i_, bundle.lead, []() -> bool {
      throw std::logic_error("its elements are needed, but nobody makes them");
    });
  group.partial = group.partial || bundle.lead.partial || meaning == Meaning::LeftOut;
  if (meaning == Meaning::Failure) {
    group.failed = true;
  } else if (meaning != Meaning::Unneeded && action == Action::Run && !run_.stopped() &&
             !group.failed) {
    group.failed = !add(group, bundle, meaning, *result.scope);
  }
  const std::uint32_t size = run_.is_news(i_, lead) ? 0 : lead.siblings.of(from);
  if (group.received < std::max(size, 1U)) return std::nullopt;
  Group done = std::move(group);
  groups_.erase(result.key.hash());
  return finish(std::move(done), std::move(result), action);
}

/// Key, scope and credit of what comes out of the group that `lead` belongs to.
Packet Reduction::result_of(const Packet& lead) const {
  const Layer from = run_.node(i_).in_layer;
  Packet result;
  result.key = lead.key.at(enclosing(from));
  result.siblings = lead.siblings;
  result.scope = from == Layer::Item ? run_.schedule().run_scope() : lead.scope;
  result.credit =
      run_.is_news(i_, lead) || lead.credit == nullptr ? lead.credit : lead.credit->outer();
  return result;
}

Reduction::Meaning Reduction::meaning_of(const Bundle& bundle, Action action) const {
  const Layer from = run_.node(i_).in_layer;
  const Packet& lead = bundle.lead;
  const bool news = run_.is_news(i_, lead);
  const State state = bundle.state();
  if (state == State::Value) return Meaning::Element;
  if (news && state == State::Empty) return Meaning::NoElements;
  if (!news && state == State::Failed && from == Layer::Item && run_.options().keep_going)
    return Meaning::LeftOut;
  if (!news && state == State::Skipped && bundle.in[0].state == State::Skipped &&
      lead.key.index(from) < resume_of(lead))
    return Meaning::InCheckpoint;
  return state == State::Failed || action == Action::Run ? Meaning::Failure : Meaning::Unneeded;
}

/// Adds an element, and those that waited for it. False when that failed.
bool Reduction::add(Group& group, const Bundle& bundle, Meaning meaning, const Scope& scope) {
  const Layer from = run_.node(i_).in_layer;
  const Packet& lead = bundle.lead;
  const auto added = run_.guarded(i_, lead, [&] {
    if (!group.begun && meaning != Meaning::LeftOut) {
      auto context = bundle.data();
      context.erase(context.begin());
      const std::uint32_t size = meaning == Meaning::NoElements ? 0 : lead.siblings.of(from);
      group.acc = body_.begin(run_.context(i_, scope, group.partial), size, context);
      group.begun = true;
    }
    if (meaning != Meaning::NoElements)
      group.early[lead.key.index(from)] = {bundle.in[0].data, lead.credit};
    while (!group.early.empty() && group.early.begin()->first == group.next) {
      const Data data = group.early.begin()->second.data;
      if (data != nullptr && group.next >= resume_of(lead))
        body_.add(group.acc.get(), group.next, data);
      ++group.next;
      group.early.erase(group.early.begin());
    }
    return true;
  });
  return added.has_value();
}

Packet Reduction::finish(Group group, Packet result, Action action) {
  if (action == Action::Skip) {
    result.state = group.failed ? State::Failed : State::Skipped;
    return result;
  }
  result.partial = group.partial && action != Action::Load;
  std::optional<Data> data;
  if (action == Action::Load) {
    data = run_.guarded(i_, result, [&] { return run_.load(i_, result); });
  } else if (group.begun && !group.failed && !run_.stopped()) {
    data = run_.guarded(i_, result, [&] {
      Data sealed = body_.finish(std::move(group.acc));
      run_.after_run(i_, result, sealed);
      return sealed;
    });
  }
  result.state = data ? State::Value : State::Failed;
  if (data) result.data = std::move(*data);
  return result;
}

}  // namespace mito::graph
