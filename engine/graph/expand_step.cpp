#include <algorithm>
#include <utility>

#include "engine/graph/items.h"
#include "engine/graph/steps.h"

namespace mito::graph {

void Expansion::look_ahead(const std::vector<Packet>& inputs) {
  const CheckedNode& node = run_.node(i_);
  if (!lists_items(node)) return;
  Packet lead;
  lead.scope = run_.schedule().run_scope();
  std::vector<Data> in;
  for (const auto& source : node.sources)
    in.push_back(source.input < 0 ? nullptr : inputs[static_cast<std::size_t>(source.input)].data);
  plan_ =
      run_.guarded(i_, lead, [&] { return body_.plan(run_.context(i_, *lead.scope, false), in); });
  if (plan_ && plan_->size > 0) items_ = scopes(lead, *plan_);
}

std::optional<Packet> Expansion::open(const Bundle& bundle) {
  const Packet& lead = bundle.lead;
  const std::shared_ptr<Group> group(new Group, [&run = run_, i = i_](Group* done) {
    const Packet outer = done->outer;
    const bool had_elements = done->plan.size > 0;
    delete done;  // closes what lies in the scratch folder
    if (had_elements) run.after_elements(i, outer);
  });
  group->outer = lead;
  group->siblings = lead.siblings;
  State state = bundle.state();
  const bool needed =
      to_items() ? run_.schedule().demanded_by_items(i_) : lead.scope->action(i_) != Action::Skip;
  if (!needed && state != State::Failed) state = State::Skipped;
  if (!needed && items_)
    for (const auto& item : *items_) run_.pass_item(*item);
  if (state == State::Value) {
    const auto in = bundle.data();
    auto plan = std::exchange(plan_, std::nullopt);
    if (!plan)
      plan = run_.guarded(
          i_, lead, [&] { return body_.plan(run_.context(i_, *lead.scope, lead.partial), in); });
    if (plan) group->plan = std::move(*plan);
    if (!plan)
      state = State::Failed;
    else if (group->plan.size == 0)
      state = State::Empty;
  }
  if (state == State::Value && to_items()) {
    auto items = items_ ? std::exchange(items_, std::nullopt) : scopes(lead, group->plan);
    if (items)
      group->items = std::move(*items);
    else
      state = State::Failed;
  }
  if (state == State::Value) group->element_bytes = element_bytes(bundle);
  if (state == State::Value && !to_items()) group->resume = resumed(lead, group->plan.size);
  const auto all = to_items() ? group->items.size() : group->plan.size;
  const std::uint32_t size = state == State::Value ? static_cast<std::uint32_t>(all) : 0;
  group->size = size;
  (to_items() ? group->siblings.items : group->siblings.parts) = size;
  if (auto* progress = run_.options().progress; progress != nullptr)
    (to_items() ? progress->items : progress->parts) += size;
  if (size == 0) {
    Packet news = without_data(lead, state);
    news.siblings = group->siblings;
    return news;
  }
  valve_->push(group);
  return std::nullopt;
}

/// Bytes of one element, as the node says them of one of its inputs; 0 where it does not.
std::uint64_t Expansion::element_bytes(const Bundle& bundle) const {
  const CheckedNode& node = run_.node(i_);
  if (!node.params.cost) return 0;
  const auto port = std::ranges::find(node.type->inputs, node.params.cost_of, &Port::type);
  if (port == node.type->inputs.end()) return 0;
  const auto& data = bundle.in[static_cast<std::size_t>(port - node.type->inputs.begin())].data;
  if (data == nullptr) return 0;
  return static_cast<std::uint64_t>(node.params.cost(data.get()).part_mib * (1 << 20));
}

/// The scopes of the items of a plan; none after a failure.
std::optional<std::vector<std::shared_ptr<Scope>>> Expansion::scopes(const Packet& lead,
                                                                     const ExpandBody::Plan& plan) {
  auto made = run_.guarded(i_, lead, [&] {
    const auto between = [this] {
      run_.activity().touch();
      if (run_.stopped()) throw Interrupted("interrupted");
    };
    const auto taken = taken_items(run_.options(), plan.size);
    auto found = identities(run_.node(i_), body_, plan, taken, between);
    if (!lead.partial) run_.schedule().keep_items(i_, found);
    std::vector<std::shared_ptr<Scope>> items;
    items.reserve(found.size());
    for (auto& identity : found)
      items.push_back(run_.schedule().item_scope(i_, taken[items.size()], std::move(identity)));
    run_.schedule().set_items(i_, items);
    return items;
  });
  if (made) run_.add_items(*made);
  return made;
}

/// Per node: how many leading parts of this group a reduce holds in its checkpoint.
std::vector<std::uint32_t> Expansion::resumed(const Packet& lead, std::uint32_t size) {
  const auto& nodes = run_.checked().nodes;
  std::vector<std::uint32_t> out(nodes.size(), 0);
  for (std::size_t n = 0; n < out.size(); ++n) {
    const CheckedNode& reduce = nodes[n];
    const auto i = static_cast<int>(n);
    if (reduce.type->shape != Shape::Reduce || reduce.in_layer != Layer::Part ||
        run_.node(reduce.sources[0].node).path.back() != i_ || lead.scope->action(i) != Action::Run)
      continue;
    const auto& body = *std::get<std::unique_ptr<ReduceBody>>(run_.body(i));
    const auto done = run_.guarded(
        i, lead, [&] { return body.resumes_at(run_.context(i, *lead.scope, lead.partial)); });
    out[n] = std::min(done.value_or(0), size);
  }
  return out;
}

/// Does anybody need this element? What every node does with a part is found out here, once. Empty
/// `part_actions` and a Failed packet when that fails.
bool Expansion::decide(const Tick& tick, Packet& out) {
  if (to_items()) return out.scope->action(i_) == Action::Run;
  const Group& group = *tick.group;
  auto actions = run_.guarded(i_, out, [&] {
    return run_.schedule().part_actions(*out.scope, i_, tick.index, group.plan.size, group.resume);
  });
  if (!actions) {
    out.state = State::Failed;
    actions.emplace(run_.checked().nodes.size(), Action::Skip);
  }
  const bool wanted = (*actions)[static_cast<std::size_t>(i_)] == Action::Run;
  out.part_actions = std::make_shared<const std::vector<Action>>(std::move(*actions));
  auto* progress = run_.options().progress;
  if (!wanted && out.state != State::Failed && progress != nullptr) ++progress->parts_cached;
  return wanted;
}

/// Of the items behind this one, the first that is to be made.
void Expansion::prepare_next(const Tick& tick) const {
  const Group& group = *tick.group;
  for (auto k = tick.index + 1; k < group.items.size(); ++k)
    if (group.items[k]->action(i_) == Action::Run)
      return body_.prepare(group.plan, group.items[k]->index());
  if (const auto after = run_.options().after; after && *after < group.plan.size)
    body_.prepare(group.plan, *after);
}

Packet Expansion::element(const Tick& tick) {
  const Group& group = *tick.group;
  Packet out;
  out.key = group.outer.key;
  const auto item = to_items() ? group.items[tick.index] : nullptr;
  const std::uint32_t index = item != nullptr ? item->index() : tick.index;
  (to_items() ? out.key.item : out.key.part) = index;
  out.siblings = group.siblings;
  out.partial = group.outer.partial;
  out.scope = to_items() ? item : group.outer.scope;
  if (to_items() && run_.failed_before(*item)) {
    out.credit = std::make_shared<Credit>(valve_, group.outer.credit, nullptr);
    out.state = State::Failed;
    return out;
  }
  std::function<void()> at_end;
  if (to_items()) at_end = [&run = run_, item] { run.end_item(*item); };
  out.credit = std::make_shared<Credit>(valve_, group.outer.credit, std::move(at_end));
  if (!to_items()) out.resume = {tick.group, &group.resume};
  if (to_items()) run_.begin_item(*item);
  const bool wanted = decide(tick, out);
  if (out.state == State::Failed) return out;
  if (!wanted) {
    out.state = State::Skipped;
    return out;
  }
  std::optional<Data> data;
  if (!run_.stopped())
    data = run_.guarded(i_, out, [&] { return body_.element(group.plan, index); });
  out.state = data ? State::Value : State::Failed;
  if (data) {
    out.data = std::move(*data);
    run_.count(i_);
    if (to_items()) prepare_next(tick);
  }
  return out;
}

}  // namespace mito::graph
