#pragma once
// Internal to engine/graph: what the steps of one run share, and how they fail.
#include <atomic>
#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/graph/activity.h"
#include "engine/graph/flow.h"
#include "engine/graph/graph.h"
#include "engine/graph/memory_budget.h"
#include "engine/graph/schedule.h"

namespace mito::graph {

/// One run: the pipeline, what is to be done, what was done, and the first failure. Used by all
/// workers at once.
class RunState {
 public:
  RunState(const Checked& checked, const RunOptions& options);

  const Checked& checked() const { return checked_; }
  const CheckedNode& node(int i) const { return checked_.nodes[static_cast<std::size_t>(i)]; }
  const RunOptions& options() const { return options_; }
  Schedule& schedule() { return schedule_; }
  Activity& activity() { return activity_; }
  const MemoryBudget& memory() const { return memory_; }
  /// The body of node `i`, for all items. Made by the wiring, in the order of the nodes.
  const Body& body(int i) const { return *bodies_[static_cast<std::size_t>(i)]; }
  const Body& make_body(int i) {
    return *bodies_.emplace_back(std::make_unique<Body>(node(i).params.make()));
  }

  /// Has the run failed, or does somebody want it to end?
  bool stopped() const {
    return failed_ || interrupted_ || (options_.stop != nullptr && options_.stop->load());
  }
  /// Nothing failed so far, not even an item that is left out.
  bool clean();

  /// Runs `f` for a packet. An exception becomes the failure of the run, or of the item when others
  /// are to go on; then the result is empty.
  template <class F>
  std::optional<std::invoke_result_t<F>> guarded(int i, const Packet& lead, F&& f) {
    const auto start = Clock::now();
    std::optional<std::invoke_result_t<F>> out;
    try {
      const Activity::Call call(activity_, place(i, lead));
      tell_place(i, lead);
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

  /// What a body of node `i` gets to know, for one item. What is `partial` has a key, and with it a
  /// scratch folder, of its own.
  NodeContext context(int i, const Scope& scope, bool partial);
  Action action(int i, const Packet& lead) const;
  /// A packet that stands for a whole group without elements.
  bool is_news(int i, const Packet& lead) const;

  Data load(int i, const Packet& lead) const;
  /// Stores and records the result of a body that ran. What it kept to go on after a kill goes,
  /// once the result is stored.
  void after_run(int i, const Packet& lead, const Data& data);
  /// The elements of an expand node have all been used: what it kept for them goes, unless the run
  /// ends before its time and may be resumed.
  void after_elements(int i, const Packet& lead);
  void count(int i);
  /// Work on an item begins; nothing of it is on its way any more.
  void begin_item(Scope& item);
  void end_item(const Scope& item);
  /// By RunOptions::failed_before; then it has failed now.
  bool failed_before(const Scope& item);
  /// Nothing is to be done for an item, not even to look at what it has.
  void pass_item(const Scope& item) const;
  void add_items(const std::vector<std::shared_ptr<Scope>>& scopes);
  /// A value of an output: the report gets it, or what is to be told of it.
  void keep(int i, const Packet& output);

  /// The report, once the graph is at rest. Throws what failed first, Interrupted, or NodeError
  /// when values are `blocked`.
  RunReport finish(const std::string& blocked);

 private:
  std::string place(int i, const Packet& lead) const;
  void fail(int i, const Packet& lead, std::exception_ptr cause);
  void tell_place(int i, const Packet& lead) const;
  void save(int i, const Packet& lead, const Data& data) const;
  void tell_what_is_known();
  static std::string key_of(int i, const Scope& scope, bool partial);
  std::filesystem::path scratch(const std::string& key) const;
  void remove_scratch(int i, const Scope& scope, bool partial) const;

  const Checked& checked_;
  RunOptions options_;
  Schedule schedule_;
  Activity activity_;
  MemoryBudget memory_;
  std::vector<std::unique_ptr<Body>> bodies_;  // by node; complete before the graph starts
  std::mutex mutex_;
  RunReport report_;
  std::exception_ptr first_error_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> interrupted_{false};
  struct ItemFailure {
    std::string message;
    bool by_content = false;
  };
  std::map<std::pair<int, std::uint32_t>, ItemFailure> failed_items_;  // the first of each
  std::vector<std::shared_ptr<Scope>> all_scopes_;
};

/// `lead` with another state and no data.
Packet without_data(const Packet& lead, State state);

}  // namespace mito::graph
