#pragma once
// Internal to engine/graph: joins the packets of several ports.
#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/graph/flow.h"

namespace mito::graph {

struct Arrival {
  std::size_t port = 0;
  Packet packet;
};

/// Matches packets of several ports: same-layer ports by key, outer-layer ports by key prefix.
/// Called by one serial graph node; the watchdog reads `blocked` from outside.
class Gather {
 public:
  Gather(std::vector<std::optional<Layer>> port_layers, Layer layer)
      : layers_(std::move(port_layers)), layer_(layer), context_(layers_.size()) {
    for (const auto& l : layers_) own_ += l == layer_ ? 1U : 0U;
  }

  std::vector<Bundle> accept(const Arrival& a) {
    const std::lock_guard lock(mutex_);
    std::vector<Bundle> ready;
    if (layers_[a.port] == layer_) {
      const std::uint64_t id = a.packet.key.hash();
      auto& slot =
          slots_.try_emplace(id, Slot{std::vector<Packet>(layers_.size()), {}, 0}).first->second;
      slot.in[a.port] = a.packet;
      slot.lead = a.packet;
      ++slot.filled;
      try_complete(id, ready);
    } else {
      context_[a.port][a.packet.key.hash()] = a.packet;
      std::vector<std::uint64_t> ids;
      for (const auto& [id, slot] : slots_) ids.push_back(id);
      std::ranges::sort(ids);
      for (const auto id : ids) try_complete(id, ready);
    }
    return ready;
  }

  /// Ports that incomplete bundles wait for, with their number.
  std::map<std::size_t, std::size_t> blocked() const {
    const std::lock_guard lock(mutex_);
    std::map<std::size_t, std::size_t> out;
    for (const auto& [id, slot] : slots_) {
      for (std::size_t port = 0; port < layers_.size(); ++port) {
        if (!layers_[port] || slot.in[port].scope != nullptr) continue;
        if (layers_[port] != layer_ &&
            context_[port].contains(slot.lead.key.at(*layers_[port]).hash()))
          continue;
        ++out[port];
      }
    }
    return out;
  }

 private:
  struct Slot {
    std::vector<Packet> in;
    Packet lead;
    std::size_t filled = 0;
  };

  void try_complete(std::uint64_t id, std::vector<Bundle>& ready) {
    const auto it = slots_.find(id);
    if (it == slots_.end()) return;
    Slot& slot = it->second;
    if (slot.filled < own_) return;
    for (std::size_t port = 0; port < layers_.size(); ++port) {
      if (!layers_[port] || layers_[port] == layer_) continue;
      const auto found = context_[port].find(slot.lead.key.at(*layers_[port]).hash());
      if (found == context_[port].end()) return;
      slot.in[port] = found->second;
    }
    slot.lead.partial = std::ranges::any_of(slot.in, &Packet::partial);
    ready.push_back({std::move(slot.in), slot.lead});
    slots_.erase(it);
    release_context(ready.back().lead);
  }

  /// Contexts are dropped once every element of their group has passed.
  void release_context(const Packet& element) {
    if (layer_ == Layer::Run) return;
    const Key outer = element.key.at(enclosing(layer_));
    auto& seen = seen_[outer.hash()];
    if (++seen < std::max(element.siblings.of(layer_), 1U)) return;
    seen_.erase(outer.hash());
    for (std::size_t port = 0; port < layers_.size(); ++port) {
      if (layers_[port] == enclosing(layer_)) context_[port].erase(outer.hash());
    }
  }

  std::vector<std::optional<Layer>> layers_;  // empty: port not connected
  Layer layer_;
  std::size_t own_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Slot> slots_;
  std::vector<std::unordered_map<std::uint64_t, Packet>> context_;
  std::unordered_map<std::uint64_t, std::uint32_t> seen_;
};

}  // namespace mito::graph
