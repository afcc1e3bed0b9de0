#pragma once
// Internal to engine/graph: says when nothing moves.
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "engine/graph/activity.h"

namespace mito::graph {

/// A thread that calls `on_stall` whenever nothing has moved for some seconds, until it is
/// destroyed.
class Watchdog {
 public:
  /// No thread when `seconds` is 0 or `on_stall` is empty. `blocked`: what to add to the message.
  Watchdog(Activity& activity,
           double seconds,
           std::function<void(const std::string&)> on_stall,
           std::function<std::string()> blocked)
      : activity_(activity), on_stall_(std::move(on_stall)), blocked_(std::move(blocked)) {
    if (seconds <= 0 || !on_stall_) return;
    limit_ = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    thread_ = std::thread([this] { watch(); });
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void watch() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, limit_ / 4, [this] { return finished_; })) {
      const std::string stall = activity_.stalled(limit_);
      if (!stall.empty()) on_stall_(stall + blocked_());
    }
  }

  Activity& activity_;
  std::function<void(const std::string&)> on_stall_;
  std::function<std::string()> blocked_;
  Clock::duration limit_{};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace mito::graph
