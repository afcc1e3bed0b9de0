#include "engine/graph/schedule.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text_arrays.h"
#include "engine/graph/inputs.h"
#include "engine/graph/items.h"
#include "engine/graph/manifest.h"

namespace mito::graph {

Scope::Scope(const Schedule& schedule, int expand, std::uint32_t index, ItemIdentity identity)
    : schedule_(schedule),
      expand_(expand),
      index_(index),
      identity_(std::move(identity)),
      out_folder_(identity_.folder.empty() ? schedule.options().out
                                           : schedule.options().out / identity_.folder),
      actions_(schedule.checked().nodes.size()),
      keys_(schedule.checked().nodes.size()),
      artefacts_(schedule.checked().nodes.size()),
      nanoseconds_(schedule.checked().nodes.size(), 0) {}

std::string Scope::key(int node) const {
  const auto u = static_cast<std::size_t>(node);
  {
    const std::lock_guard lock(mutex_);
    if (!keys_[u].empty()) return keys_[u];
  }
  std::string key = schedule_.make_key(*this, node);
  const std::lock_guard lock(mutex_);
  keys_[u] = key;
  return key;
}

ArtefactInfo Scope::describe(int node, std::uint32_t parts) const {
  const auto& nodes = schedule_.checked().nodes;
  const auto& n = nodes[static_cast<std::size_t>(node)];
  ArtefactInfo info;
  info.key = key(node);
  info.node_type = n.type->info.type;
  info.node_version = n.type->info.version;
  info.payload = n.type->output.type->name;
  info.payload_version = n.type->output.type->version;
  info.canonical = n.params.canonical;
  for (std::size_t i = 0; i < n.sources.size(); ++i) {
    const Source& source = n.sources[i];
    if (!source.connected()) continue;
    const std::string name =
        source.node >= 0
            ? nodes[static_cast<std::size_t>(source.node)].id
            : "input " +
                  schedule_.checked().pipeline.inputs[static_cast<std::size_t>(source.input)].name;
    info.inputs.push_back(
        {std::string(n.type->inputs[i].name), name, schedule_.source_key(*this, source)});
  }
  info.node_id = n.id;
  info.item = identity_.name;
  info.per_part = n.layer == Layer::Part;
  info.parts = info.per_part ? parts : 1;
  info.until_used = n.until_used;
  return info;
}

std::shared_ptr<Artefact> Scope::artefact(int node, std::uint32_t parts) const {
  if (!schedule_.stored(node)) return nullptr;
  const auto u = static_cast<std::size_t>(node);
  {
    const std::lock_guard lock(mutex_);
    if (artefacts_[u] != nullptr) return artefacts_[u];
  }
  ArtefactInfo info = describe(node, parts);
  if (info.key.empty()) return nullptr;
  const std::lock_guard lock(mutex_);
  if (artefacts_[u] == nullptr) artefacts_[u] = schedule_.options().store->open(info);
  return artefacts_[u];
}

void Scope::flush() const {
  std::vector<std::shared_ptr<Artefact>> open;
  {
    const std::lock_guard lock(mutex_);
    open = artefacts_;
  }
  for (const auto& artefact : open) {
    if (artefact != nullptr) artefact->flush();
  }
}

void Scope::close() const {
  {
    std::vector<std::shared_ptr<Artefact>> open(artefacts_.size());
    const std::lock_guard lock(mutex_);
    open.swap(artefacts_);
  }
  closed_ = true;
  if (is_run()) return;
  try {
    schedule_.release_used(*this);
  } catch (const std::exception& error) {  // what stays takes room only
    spdlog::warn("{}", error.what());
  }
}

void Scope::add_time(int node, std::int64_t nanoseconds) const {
  const std::lock_guard lock(mutex_);
  nanoseconds_[static_cast<std::size_t>(node)] += nanoseconds;
}

std::map<std::string, double> Scope::seconds() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, double> out;
  for (std::size_t i = 0; i < nanoseconds_.size(); ++i) {
    if (nanoseconds_[i] > 0)
      out[schedule_.checked().nodes[i].id] = static_cast<double>(nanoseconds_[i]) * 1e-9;
  }
  return out;
}

Schedule::Schedule(const Checked& checked, const RunOptions& options)
    : checked_(checked),
      options_(options),
      releases_(options.store != nullptr &&
                std::ranges::any_of(checked.nodes, &CheckedNode::until_used)) {
  behind_items_.resize(checked.nodes.size(), false);
  for (std::size_t i = 0; i < checked.nodes.size(); ++i) {
    const auto& node = checked.nodes[i];
    behind_items_[i] =
        node.layer == Layer::Run && std::ranges::any_of(node.sources, [&](const Source& source) {
          const auto u = static_cast<std::size_t>(source.node);
          return source.node >= 0 && (checked.nodes[u].layer != Layer::Run || behind_items_[u]);
        });
  }
  run_ = std::make_shared<Scope>(*this, -1, Key::kWhole, ItemIdentity{});
  while (recall_items()) {
  }
  decide();
}

std::shared_ptr<Scope> Schedule::item_scope(int expand,
                                            std::uint32_t index,
                                            ItemIdentity identity) const {
  const std::filesystem::path folder(identity.folder);
  if (folder.is_absolute() || std::ranges::count(folder, "..") > 0)
    throw DataError(fmt::format("'{}' would be written into '{}', outside of the output folder",
                                identity.name, identity.folder));
  return std::make_shared<Scope>(*this, expand, index, std::move(identity));
}

void Schedule::set_items(int expand, const Items& items) const {
  const std::lock_guard one_at_a_time(deciding_);
  {
    const std::lock_guard lock(mutex_);
    items_[expand] = items;
  }
  while (recall_items()) {
  }
  decide();
}

Schedule::Items Schedule::items_of(int expand) const {
  const std::lock_guard lock(mutex_);
  const auto it = items_.find(expand);
  return it == items_.end() ? Items{} : it->second;
}

/// The list of items is known by the node's key, and by the parameters that choose among items.
ArtefactInfo Schedule::items_info(int expand) const {
  const auto& node = checked_.nodes[static_cast<std::size_t>(expand)];
  ArtefactInfo info;
  const std::string key = run_->key(expand);
  if (key.empty()) return info;
  std::string text = "items of " + key;
  for (const auto& row : node.params.rows) {
    if (row.field.affects == Affects::Selection)
      text += fmt::format("\n{}={}", row.name, row.value);
  }
  info.key = sha256(text);
  info.node_type = node.type->info.type;
  info.node_version = node.type->info.version;
  info.payload = "ItemList";
  info.payload_version = 1;
  info.canonical = node.params.canonical;
  info.node_id = node.id;
  return info;
}

void Schedule::keep_items(int expand, const std::vector<ItemIdentity>& items) const {
  const auto& node = checked_.nodes[static_cast<std::size_t>(expand)];
  if (options_.store == nullptr || lists_items(node)) return;
  const auto info = items_info(expand);
  if (info.key.empty() || options_.store->complete(info.node_type, info.key)) return;
  std::vector<std::string> digests;
  std::vector<std::string> names;
  std::vector<std::string> folders;
  for (const auto& item : items) {
    digests.push_back(item.digest);
    names.push_back(item.name);
    folders.push_back(item.folder);
  }
  Record record;
  put_texts(record, "digest", digests);
  put_texts(record, "name", names);
  put_texts(record, "folder", folders);
  options_.store->open(info)->save(0, record);
}

/// Registers the items of a node of which an earlier run stored the list; false when there is none.
bool Schedule::recall_items() const {
  if (options_.store == nullptr) return false;
  for (std::size_t i = 0; i < checked_.nodes.size(); ++i) {
    const auto& node = checked_.nodes[i];
    const int expand = static_cast<int>(i);
    if (node.type->shape != Shape::Expand || node.layer != Layer::Item || lists_items(node))
      continue;
    {
      const std::lock_guard lock(mutex_);
      if (items_.contains(expand)) continue;
    }
    const auto info = items_info(expand);
    if (info.key.empty() || !options_.store->complete(info.node_type, info.key)) continue;
    const auto record = options_.store->open(info)->load(0);
    const auto digests = get_texts(record, "digest");
    const auto names = get_texts(record, "name");
    const auto folders = get_texts(record, "folder");
    Items items;
    items.reserve(digests.size());
    for (std::size_t k = 0; k < digests.size(); ++k)
      items.push_back(item_scope(expand, static_cast<std::uint32_t>(k),
                                 {digests[k], names.at(k), folders.at(k)}));
    const std::lock_guard lock(mutex_);
    items_[expand] = std::move(items);
    return true;
  }
  return false;
}

std::string Schedule::input_key(int input) const {
  {
    const std::lock_guard lock(mutex_);
    const auto it = input_keys_.find(input);
    if (it != input_keys_.end()) return it->second;
  }
  const auto& decl = checked_.pipeline.inputs[static_cast<std::size_t>(input)];
  const auto given = options_.inputs.find(decl.name);
  std::string digest = given != options_.inputs.end() ? sha256("given " + given->second.digest)
                                                      : input_digest(decl, digests());
  const std::lock_guard lock(mutex_);
  return input_keys_[input] = std::move(digest);
}

Data Schedule::input_data(int input) const {
  const auto& decl = checked_.pipeline.inputs[static_cast<std::size_t>(input)];
  const auto given = options_.inputs.find(decl.name);
  return given != options_.inputs.end() ? given->second.data : input_value(decl);
}

std::string Schedule::source_key(const Scope& scope, const Source& source) const {
  if (source.input >= 0) return input_key(source.input);
  if (source.node < 0) return "-";
  const auto& producer = checked_.nodes[static_cast<std::size_t>(source.node)];
  return producer.item_expand() == scope.expand() ? scope.key(source.node) : run_->key(source.node);
}

std::string Schedule::make_key(const Scope& scope, int node) const {
  const auto& n = checked_.nodes[static_cast<std::size_t>(node)];
  std::string text = n.canonical;
  if (node == scope.expand() && !scope.identity().digest.empty())
    return sha256(text + "\nelement " + scope.identity().digest);
  for (std::size_t i = 0; i < n.sources.size(); ++i) {
    const bool reduces_items =
        n.type->shape == Shape::Reduce && i == 0 && n.in_layer == Layer::Item;
    std::string key;
    if (reduces_items) {
      const auto& producer = checked_.nodes[static_cast<std::size_t>(n.sources[i].node)];
      std::vector<std::shared_ptr<Scope>> items;
      {
        const std::lock_guard lock(mutex_);
        const auto it = items_.find(producer.item_expand());
        if (it == items_.end()) return {};
        items = it->second;
      }
      for (const auto& item : items) {
        const auto own = item->key(n.sources[i].node);
        if (own.empty()) return {};  // it waits for the key of something that all items take
        key += own + " ";
      }
    } else {
      key = source_key(n.type->shape == Shape::Expand && node == scope.expand() ? *run_ : scope,
                       n.sources[i]);
    }
    if (key.empty()) return {};
    text += fmt::format("\n{} {}", n.type->inputs[i].name, key);
  }
  if (node == scope.expand()) text += fmt::format("\nelement {}", scope.index());
  if (n.type->info.sink) text += "\nname " + scope.identity().name;  // it is written into the file
  return sha256(text);
}

/// From what is wanted back to what it is made of, through the run and all items that are known.
void Schedule::decide() const {
  for (int i = static_cast<int>(checked_.nodes.size()) - 1; i >= 0; --i) {
    const int expand = checked_.nodes[static_cast<std::size_t>(i)].item_expand();
    if (expand < 0) {
      decide(*run_, i);
    } else {
      for (const auto& item : items_of(expand)) decide(*item, i);
    }
  }
  run_->decided_ = true;
  const std::lock_guard lock(mutex_);
  for (const auto& [expand, items] : items_)
    for (const auto& item : items) item->decided_ = true;
}

void Schedule::decide(Scope& scope, int i) const {
  auto& action = scope.actions_[static_cast<std::size_t>(i)];
  if (scope.decided_ && action == Action::Skip) return;  // it only ever gets less
  action = action_now(scope, i, [&](int node) { return scope.action(node); });
}

std::optional<std::string> Schedule::told(const Scope& scope, int node) const {
  if (!options_.tell) return std::nullopt;
  const std::string key = scope.key(node);
  if (key.empty()) return std::nullopt;
  return told_of(scope.out_folder(), checked_.nodes[static_cast<std::size_t>(node)].id, key);
}

/// Of the run itself, a run that takes only some items does what these need and nothing else.
bool Schedule::leaves_out(const Scope& scope, int node) const {
  return options_.only && scope.is_run() && behind_items_[static_cast<std::size_t>(node)];
}

/// `action_of`: of nodes behind it in the same scope.
Action Schedule::action_now(const Scope& scope, int i, const ActionOf& action_of) const {
  const auto& node = checked_.nodes[static_cast<std::size_t>(i)];
  if (leaves_out(scope, i)) return Action::Skip;
  const bool for_items_only = options_.only && scope.is_run();
  const bool is_output = node.keep && !for_items_only;
  bool demanded = false;
  if (node.type->info.sink && !for_items_only) {
    const std::string key = scope.key(i);
    demanded = demanded || key.empty() || !is_up_to_date(scope.out_folder(), node.id, key);
  }
  for (const int c : node.consumers) {
    const auto& consumer = checked_.nodes[static_cast<std::size_t>(c)];
    if (consumer.item_expand() == scope.expand()) {
      demanded = demanded || action_of(c) == Action::Run;
    } else if (scope.is_run()) {
      demanded = demanded || demanded_by_items(c);
    } else {
      // What is left out will be made of it by a run of all items.
      demanded = demanded || run_->action(c) == Action::Run || leaves_out(*run_, c);
    }
  }
  if (node.type->shape == Shape::Expand && node.layer == Layer::Part) {
    // What is loaded part by part still needs to know how many parts there are.
    for (std::size_t j = static_cast<std::size_t>(i) + 1; j < checked_.nodes.size(); ++j) {
      const auto& inner = checked_.nodes[j];
      demanded = demanded || (inner.layer == Layer::Part && inner.path.back() == i &&
                              action_of(static_cast<int>(j)) != Action::Skip);
    }
  }
  if ((demanded || is_output) && stored(i) && node.type->shape != Shape::Expand) {
    const std::string key = scope.key(i);
    if (!key.empty() && options_.store->complete(std::string(node.type->info.type), key))
      return demanded || !told(scope, i) ? Action::Load : Action::Skip;
  }
  return demanded || is_output ? Action::Run : Action::Skip;
}

std::vector<std::shared_ptr<Scope>> Schedule::scopes() const {
  Items all{run_};
  const std::lock_guard lock(mutex_);
  for (const auto& [expand, items] : items_) all.insert(all.end(), items.begin(), items.end());
  return all;
}

void Schedule::begin_item(Scope& item) const {
  if (!releases_) return;
  const std::lock_guard one_at_a_time(deciding_);
  for (int i = static_cast<int>(checked_.nodes.size()) - 1; i >= 0; --i) {
    if (checked_.nodes[static_cast<std::size_t>(i)].item_expand() == item.expand()) decide(item, i);
  }
}

void Schedule::release(const Scope& scope, int node) const {
  const auto& n = checked_.nodes[static_cast<std::size_t>(node)];
  const std::string key = scope.key(node);
  if (key.empty()) return;
  for (const auto& other : items_of(n.item_expand()))  // items of the same content share results
    if (other.get() != &scope && !other->closed_ && other->key(node) == key) return;
  options_.store->release(std::string(n.type->info.type), key);
}

void Schedule::release_used(const Scope& item) const {
  if (!releases_) return;
  std::vector<Action> now(checked_.nodes.size(), Action::Skip);
  for (int i = static_cast<int>(checked_.nodes.size()) - 1; i >= 0; --i) {
    const auto& node = checked_.nodes[static_cast<std::size_t>(i)];
    if (node.item_expand() != item.expand()) continue;
    now[static_cast<std::size_t>(i)] =
        action_now(item, i, [&](int behind) { return now[static_cast<std::size_t>(behind)]; });
    if (node.until_used && now[static_cast<std::size_t>(i)] == Action::Skip) release(item, i);
  }
}

void Schedule::release_used() const {
  if (!releases_ || options_.only) return;  // other items may need what the run has
  run_->close();
  const Schedule next(checked_, options_);
  std::map<int, Items> items;
  {
    const std::lock_guard lock(mutex_);
    items = items_;
  }
  for (const auto& [expand, known] : items) {
    Items again;
    for (const auto& item : known)
      again.push_back(next.item_scope(expand, item->index(), item->identity()));
    next.set_items(expand, again);
  }
  for (int i = 0; i < static_cast<int>(checked_.nodes.size()); ++i) {
    const auto& node = checked_.nodes[static_cast<std::size_t>(i)];
    if (!node.until_used) continue;
    if (node.item_expand() < 0 && next.run_->action(i) == Action::Skip) release(*run_, i);
    for (const auto& item : next.items_of(node.item_expand()))
      if (item->action(i) == Action::Skip) release(*item, i);
  }
}

bool Schedule::demanded_by_items(int node) const {
  const int expand = checked_.nodes[static_cast<std::size_t>(node)].item_expand();
  const std::lock_guard lock(mutex_);
  const auto known = items_.find(expand);
  if (known == items_.end()) return true;
  return std::ranges::any_of(known->second, [&](const auto& item) {
    if (node != expand) return item->action(node) == Action::Run;
    return std::ranges::any_of(item->actions_,
                               [](const auto& action) { return action != Action::Skip; });
  });
}

std::vector<Action> Schedule::part_actions(const Scope& scope,
                                           int part_expand,
                                           std::uint32_t part,
                                           std::uint32_t parts,
                                           std::span<const std::uint32_t> resume) const {
  std::vector<Action> actions(checked_.nodes.size(), Action::Skip);
  for (int i = static_cast<int>(checked_.nodes.size()) - 1; i >= 0; --i) {
    const auto& node = checked_.nodes[static_cast<std::size_t>(i)];
    if (node.layer != Layer::Part || node.path.back() != part_expand) continue;
    const bool demanded = std::ranges::any_of(node.consumers, [&](int c) {
      const auto u = static_cast<std::size_t>(c);
      if (checked_.nodes[u].layer == Layer::Part) return actions[u] == Action::Run;
      return scope.action(c) == Action::Run && part >= resume[u];
    });
    if (!demanded && !(node.type->info.sink && scope.action(i) == Action::Run)) continue;
    const auto artefact = i == part_expand ? nullptr : scope.artefact(i, parts);
    const bool there = artefact != nullptr && artefact->has(part);
    actions[static_cast<std::size_t>(i)] = there ? Action::Load : Action::Run;
  }
  return actions;
}

}  // namespace mito::graph
