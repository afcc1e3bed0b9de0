#pragma once
// Internal to engine/graph: what travels on the edges, and the credits that bound how much of it.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <oneapi/tbb/flow_graph.h>

#include "engine/graph/graph.h"
#include "engine/graph/memory_budget.h"
#include "engine/graph/schedule.h"

namespace mito::graph {

/// How many items the run has and how many parts this item has; 0 marks an empty group.
struct Siblings {
  std::uint32_t items = 1;
  std::uint32_t parts = 1;

  std::uint32_t of(Layer layer) const {
    if (layer == Layer::Run) return 1;
    return layer == Layer::Item ? items : parts;
  }
};

/// A packet without data says why: nobody needs it, its group has no elements, or it failed.
enum class State : std::uint8_t { Value, Skipped, Empty, Failed };

class Credit;

/// What travels on every edge: identity plus a shared, immutable payload.
struct Packet {
  Key key;
  Siblings siblings;
  State state = State::Value;
  Data data;  // set exactly when state is Value
  std::shared_ptr<const Scope> scope;
  std::shared_ptr<const std::vector<Action>> part_actions;   // parts only
  std::shared_ptr<const std::vector<std::uint32_t>> resume;  // parts only: that of their group
  std::shared_ptr<Credit> credit;
  /// Made without an item that failed: not what its content key stands for, so it is neither stored
  /// nor taken for up to date.
  bool partial = false;
};

/// One packet per connected port, matched by key.
struct Bundle {
  std::vector<Packet> in;
  Packet lead;  // the innermost one: key, siblings, scope, credit; partial when any of them is

  State state() const {
    State worst = State::Value;
    for (const auto& p : in) worst = std::max(worst, p.state);
    return worst;
  }
  std::vector<Data> data() const {
    std::vector<Data> out;
    for (const auto& p : in) out.push_back(p.data);
    return out;
  }
};

struct Group {
  Packet outer;  // what was expanded
  Siblings siblings;
  ExpandBody::Plan plan;
  std::uint32_t size = 0;  // elements that are issued
  std::uint32_t issued = 0;
  std::uint64_t element_bytes = 0;            // of data, as far as the node says it
  std::vector<std::shared_ptr<Scope>> items;  // of an item-level expansion, as they are issued
  /// Of a part-level expansion, per node: leading parts that a reduce has in its checkpoint.
  std::vector<std::uint32_t> resume;
};

struct Tick {
  std::shared_ptr<Group> group;
  std::uint32_t index = 0;
};

/// Lets at most `capacity` elements exist at a time, and fewer where the memory does not carry
/// them. Never blocks a worker thread.
class Valve {
 public:
  Valve(int capacity,
        bool counts_parts,
        const MemoryBudget& memory,
        Progress* progress,
        std::function<bool()> stopped)
      : free_(capacity),
        parts_(counts_parts),
        memory_(memory),
        progress_(progress),
        stopped_(std::move(stopped)) {}

  void open(oneapi::tbb::flow::receiver<Tick>* reader) { reader_ = reader; }
  void push(std::shared_ptr<Group> group) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(group));
    }
    pump();
  }
  void give_back() {
    if (progress_ != nullptr) {
      ++(parts_ ? progress_->parts_done : progress_->items_done);
      if (parts_) --progress_->parts_alive;
    }
    {
      const std::lock_guard lock(mutex_);
      ++free_;
      --alive_;
    }
    pump();
  }

 private:
  void pump() {
    while (true) {
      Tick tick;
      {
        const std::lock_guard lock(mutex_);
        if (stopped_()) waiting_.clear();
        if (free_ == 0 || waiting_.empty()) return;
        auto& front = waiting_.front();
        if (!memory_.carries_another(alive_, front->element_bytes)) return;
        tick = {front, front->issued++};
        if (front->issued == front->size) waiting_.pop_front();
        --free_;
        ++alive_;
        if (parts_ && progress_ != nullptr) {
          const auto alive = ++progress_->parts_alive;
          auto peak = progress_->parts_alive_peak.load();
          while (peak < alive && !progress_->parts_alive_peak.compare_exchange_weak(peak, alive)) {
          }
        }
      }
      reader_->try_put(tick);
    }
  }
  std::mutex mutex_;
  oneapi::tbb::flow::receiver<Tick>* reader_ = nullptr;
  std::deque<std::shared_ptr<Group>> waiting_;
  int free_;
  std::uint64_t alive_ = 0;
  bool parts_;
  const MemoryBudget& memory_;
  Progress* progress_;
  std::function<bool()> stopped_;
};

/// Returned to its expand node when the last packet derived from one element is gone.
class Credit {
 public:
  /// `at_end`: called first; may be empty.
  Credit(std::shared_ptr<Valve> valve, std::shared_ptr<Credit> outer, std::function<void()> at_end)
      : valve_(std::move(valve)), outer_(std::move(outer)), at_end_(std::move(at_end)) {}
  Credit(const Credit&) = delete;
  Credit& operator=(const Credit&) = delete;
  ~Credit() {
    if (at_end_) at_end_();
    valve_->give_back();
  }
  const std::shared_ptr<Credit>& outer() const { return outer_; }

 private:
  std::shared_ptr<Valve> valve_;
  std::shared_ptr<Credit> outer_;
  std::function<void()> at_end_;
};

}  // namespace mito::graph
