#pragma once
// Internal to engine/graph: what a node of each shape does with what arrives.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/graph/flow.h"
#include "engine/graph/run_state.h"

namespace mito::graph {

/// One value from one bundle: loaded, computed, or not needed.
Packet map_bundle(RunState& run, int i, const MapBody& body, const Bundle& bundle);

/// Many values from one bundle. The elements are made one by one, as the valve lets them.
class Expansion {
 public:
  Expansion(RunState& run, int i, const ExpandBody& body, std::shared_ptr<Valve> valve)
      : run_(run), i_(i), body_(body), valve_(std::move(valve)) {}

  /// Finds out which items there are before anything runs, where inputs of the run alone say it:
  /// then nothing is made that no item asks for. `inputs`: of the run, by number.
  void look_ahead(const std::vector<Packet>& inputs);
  /// Plans the elements and hands them to the valve; a packet when there are none.
  std::optional<Packet> open(const Bundle& bundle);
  Packet element(const Tick& tick);

 private:
  bool to_items() const { return run_.node(i_).layer == Layer::Item; }
  std::optional<std::vector<std::shared_ptr<Scope>>> scopes(const Packet& lead,
                                                            const ExpandBody::Plan& plan);
  std::uint64_t element_bytes(const Bundle& bundle) const;
  std::vector<std::uint32_t> resumed(const Packet& lead, std::uint32_t size);
  bool decide(const Tick& tick, Packet& out);
  void prepare_next(const Tick& tick) const;

  RunState& run_;
  int i_;
  const ExpandBody& body_;
  std::shared_ptr<Valve> valve_;
  /// What look_ahead() found, until open() takes it.
  std::optional<ExpandBody::Plan> plan_;
  std::optional<std::vector<std::shared_ptr<Scope>>> items_;
};

/// One value from all elements of a group, added in their order. Called by one serial graph node.
class Reduction {
 public:
  Reduction(RunState& run, int i, const ReduceBody& body) : run_(run), i_(i), body_(body) {}

  /// The result, with the last packet of its group.
  std::optional<Packet> collect(const Bundle& bundle);

 private:
  struct Waiting {
    Data data;                       // null: a failed item that is left out
    std::shared_ptr<Credit> credit;  // what waits keeps its credit, so waiting is bounded
  };
  struct Group {
    std::shared_ptr<void> acc;
    std::map<std::uint32_t, Waiting> early;
    std::uint32_t next = 0;
    std::uint32_t received = 0;
    bool begun = false;
    bool failed = false;
    bool partial = false;  // an item is left out, here or before
  };
  /// What a packet is to its group.
  enum class Meaning : std::uint8_t {
    Element,
    NoElements,    ///< The group is empty.
    LeftOut,       ///< A failed item; the others go on.
    InCheckpoint,  ///< A part that this reduce holds already; nobody may have made it.
    Failure,
    Unneeded,
  };

  Meaning meaning_of(const Bundle& bundle, Action action) const;
  Packet result_of(const Packet& lead) const;
  bool add(Group& group, const Bundle& bundle, Meaning meaning, const Scope& scope);
  Packet finish(Group group, Packet result, Action action);
  std::uint32_t resume_of(const Packet& lead) const {
    return lead.resume == nullptr ? 0 : (*lead.resume)[static_cast<std::size_t>(i_)];
  }

  RunState& run_;
  int i_;
  const ReduceBody& body_;
  std::unordered_map<std::uint64_t, Group> groups_;
};

}  // namespace mito::graph
