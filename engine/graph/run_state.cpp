#include "engine/graph/run_state.h"

#include <algorithm>

#include <oneapi/tbb/info.h>
#include <spdlog/spdlog.h>

#include "engine/core/digest.h"
#include "engine/core/memory_limit.h"
#include "engine/core/system_failure.h"
#include "engine/graph/manifest.h"

namespace mito::graph {
namespace fs = std::filesystem;

namespace {

/// Data that is wrong is so on every machine; what the system refuses may be given next time.
bool is_by_content(const std::exception_ptr& cause) {
  try {
    std::rethrow_exception(cause);
  } catch (const SystemFailure&) {
    return false;
  } catch (const DataError&) {
    return true;
  } catch (...) {
    return false;
  }
}

RunOptions with_threads(RunOptions options) {
  if (options.threads <= 0) options.threads = oneapi::tbb::info::default_concurrency();
  return options;
}

/// A watch must not end the run.
template <class Tell>
void tell_watch(Tell&& tell) {
  try {
    tell();
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
  }
}

}  // namespace

Packet without_data(const Packet& lead, State state) {
  Packet out = lead;
  out.state = state;
  out.data = nullptr;
  return out;
}

RunState::RunState(const Checked& checked, const RunOptions& options)
    : checked_(checked),
      options_(with_threads(options)),
      schedule_(checked, options_),
      memory_(memory_limit(), options_.threads) {
  if (options_.parts_in_flight <= 0) options_.parts_in_flight = 2 * options_.threads + 2;
  all_scopes_.push_back(schedule_.run_scope());
}

std::string RunState::place(int i, const Packet& lead) const {
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

void RunState::fail(int i, const Packet& lead, std::exception_ptr cause) {
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
  if (lead.scope != nullptr && !lead.scope->is_run()) {
    const auto [failed, is_first] =
        failed_items_.try_emplace({lead.scope->expand(), lead.scope->index()});
    if (is_first) {
      try {
        std::rethrow_exception(wrapped);
      } catch (const std::exception& e) {
        failed->second = {explain(e), is_by_content(cause)};
      }
    }
    if (options_.keep_going) {
      if (is_first)
        report_.failures.push_back({lead.scope->identity().name, failed->second.message});
      return;
    }
  }
  if (first_error_ == nullptr) first_error_ = wrapped;
  failed_ = true;
}

void RunState::tell_place(int i, const Packet& lead) const {
  if (options_.watch == nullptr || lead.scope == nullptr || lead.scope->is_run()) return;
  tell_watch([&] {
    options_.watch->at(lead.scope->index(), node(i).id, lead.key.part, lead.siblings.parts);
  });
}

void RunState::begin_item(Scope& item) {
  schedule_.begin_item(item);
  if (options_.watch == nullptr) return;
  bool has_work = false;
  for (std::size_t i = 0; i < checked_.nodes.size(); ++i)
    has_work = has_work || item.action(static_cast<int>(i)) == Action::Run;
  tell_watch([&] { options_.watch->begin(item.index(), item.identity(), has_work); });
}

bool RunState::failed_before(const Scope& item) {
  const auto found = options_.failed_before.find(item.index());
  if (found == options_.failed_before.end()) return false;
  const std::lock_guard lock(mutex_);
  failed_items_.try_emplace({item.expand(), item.index()}, ItemFailure{found->second, false});
  report_.failures.push_back({item.identity().name, found->second});
  return true;
}

void RunState::end_item(const Scope& item) {
  item.close();
  if (options_.watch == nullptr) return;
  Watch::Ended ended;
  {
    const std::lock_guard lock(mutex_);
    const auto failed = failed_items_.find({item.expand(), item.index()});
    if (failed != failed_items_.end()) {
      ended.how = Watch::End::Failed;
      ended.message = failed->second.message;
      ended.by_content = failed->second.by_content;
    }
  }
  if (ended.how == Watch::End::Done && stopped()) ended.how = Watch::End::Stopped;
  ended.seconds = item.seconds();
  tell_watch([&] { options_.watch->end(item.index(), item.identity(), ended); });
}

void RunState::pass_item(const Scope& item) const {
  if (options_.watch == nullptr) return;
  tell_watch([&] {
    options_.watch->begin(item.index(), item.identity(), false);
    options_.watch->end(item.index(), item.identity(), {});
  });
}

std::string RunState::key_of(int i, const Scope& scope, bool partial) {
  return partial ? sha256("partial " + scope.key(i)) : scope.key(i);
}

fs::path RunState::scratch(const std::string& key) const {
  return options_.store != nullptr ? fs::path(options_.store->scratch(key))
                                   : options_.out / (".scratch-" + key.substr(0, 16));
}

NodeContext RunState::context(int i, const Scope& scope, bool partial) {
  NodeContext c;
  c.node = node(i).id;
  c.out_folder = scope.out_folder();
  c.key = key_of(i, scope, partial);
  c.scratch = scratch(c.key);
  c.device = options_.device;
  c.digests = &schedule_.digests();
  c.copies = options_.copies;
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

bool RunState::is_news(int i, const Packet& lead) const {
  return (node(i).in_layer != Layer::Run && lead.key.item == Key::kWhole) ||
         (node(i).in_layer == Layer::Part && lead.key.part == Key::kWhole);
}

Data RunState::load(int i, const Packet& lead) const {
  const bool part = node(i).layer == Layer::Part;
  const auto artefact = lead.scope->artefact(i, lead.siblings.parts);
  if (artefact == nullptr) throw SystemFailure("the stored result has gone");
  try {
    return node(i).type->decode(artefact->load(part ? lead.key.part : 0));
  } catch (const DataError& error) {  // nothing that the item holds
    throw SystemFailure(error.what());
  }
}
void RunState::save(int i, const Packet& lead, const Data& data) const {
  if (lead.partial) return;
  const auto artefact = lead.scope->artefact(i, lead.siblings.parts);
  if (artefact == nullptr) return;
  artefact->save(node(i).layer == Layer::Part ? lead.key.part : 0, node(i).type->encode(data));
}
void RunState::after_run(int i, const Packet& lead, const Data& data) {
  count(i);
  save(i, lead, data);
  if (schedule_.stored(i) && !lead.partial && node(i).layer != Layer::Part)
    remove_scratch(i, *lead.scope, false);
  const auto& written = node(i).type->written_file;
  if (!written) return;
  const auto key = lead.partial ? std::string("without failed items") : lead.scope->key(i);
  record_file(lead.scope->out_folder(), node(i).id, key, written(data));
}

void RunState::after_elements(int i, const Packet& lead) {
  if (!stopped()) remove_scratch(i, *lead.scope, lead.partial);
}

void RunState::remove_scratch(int i, const Scope& scope, bool partial) const {
  const auto key = key_of(i, scope, partial);
  if (key.empty()) return;
  std::error_code in_the_way;  // what stays takes room only; `store gc` removes it
  fs::remove_all(scratch(key), in_the_way);
}

Action RunState::action(int i, const Packet& lead) const {
  return lead.part_actions != nullptr && node(i).layer == Layer::Part
             ? (*lead.part_actions)[static_cast<std::size_t>(i)]
             : lead.scope->action(i);
}

bool RunState::clean() {
  const std::lock_guard lock(mutex_);
  return !stopped() && report_.failures.empty();
}

void RunState::count(int i) {
  const std::lock_guard lock(mutex_);
  ++report_.runs[node(i).id];
}

void RunState::add_items(const std::vector<std::shared_ptr<Scope>>& scopes) {
  const std::lock_guard lock(mutex_);
  report_.items += scopes.size();
  all_scopes_.insert(all_scopes_.end(), scopes.begin(), scopes.end());
}

void RunState::keep(int i, const Packet& output) {
  const auto& id = node(i).id;
  const auto& item = output.scope->identity().name;
  if (!options_.tell) {
    const std::lock_guard lock(mutex_);
    report_.outputs[id].push_back({output.key, item, output.data});
    return;
  }
  const auto told = guarded(i, output, [&] {
    std::string text = options_.tell(*node(i).type, output.data);
    const std::string key = output.scope->key(i);
    if (!output.partial && !key.empty()) {
      fs::create_directories(output.scope->out_folder());
      record_told(output.scope->out_folder(), id, key, text);
    }
    return text;
  });
  const std::lock_guard lock(mutex_);
  if (told) report_.told[id].push_back({output.key, item, *told});
}

/// What earlier runs told of outputs that this one did not have to look at.
void RunState::tell_what_is_known() {
  for (const auto& scope : schedule_.scopes()) {
    if (options_.only && scope->is_run()) continue;
    for (std::size_t i = 0; i < checked_.nodes.size(); ++i) {
      const auto& n = checked_.nodes[i];
      const int index = static_cast<int>(i);
      if (!n.keep || n.item_expand() != scope->expand() || scope->action(index) != Action::Skip)
        continue;
      const Key key = scope->is_run() ? Key{} : Key{.item = scope->index()};
      if (auto text = schedule_.told(*scope, index))
        report_.told[n.id].push_back({key, scope->identity().name, std::move(*text)});
    }
  }
}

RunReport RunState::finish(const std::string& blocked) {
  for (const auto& scope : all_scopes_) {
    scope->flush();
    for (const auto& [id, seconds] : scope->seconds()) report_.seconds[id] += seconds;
  }
  if (first_error_ != nullptr) std::rethrow_exception(first_error_);
  if (stopped()) throw Interrupted("interrupted; what was stored will be used again");
  if (!blocked.empty()) throw NodeError("the graph came to rest with work left" + blocked);
  schedule_.release_used();
  tell_what_is_known();
  for (auto& [id, results] : report_.outputs)
    std::ranges::sort(results, {}, [](const Result& r) { return r.key.hash(); });
  for (auto& [id, told] : report_.told)
    std::ranges::sort(told, {}, [](const Told& t) { return t.key.hash(); });
  std::ranges::sort(report_.failures, {}, &Failure::item);
  return std::move(report_);
}

}  // namespace mito::graph
